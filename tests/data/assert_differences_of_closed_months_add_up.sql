-- Usage restated, power figure, factors and rules together are the whole difference of a closed month, to the last
-- digits of a double.

with

restated as (
    select
        *,
        difference_usage_kwh + difference_power_figure_kwh + difference_factors_kwh + difference_rules_kwh as parts_kwh,
        difference_usage_gco2e + difference_power_figure_gco2e + difference_factors_gco2e + difference_rules_gco2e
            as parts_gco2e
    from {{ ref('ai_emissions_restated') }}
)

select *
from restated
where
    abs(difference_kwh - parts_kwh) > 1e-9 * greatest(coalesce(closed_kwh, 0), coalesce(current_kwh, 0), 1e-9)
    or abs(difference_gco2e - parts_gco2e)
    > 1e-9 * greatest(coalesce(closed_gco2e, 0), coalesce(current_gco2e, 0), 1e-9)
