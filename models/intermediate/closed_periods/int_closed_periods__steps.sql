-- Grain: piece of usage of a closed month. The way from the closed figure to the current one in three steps: the
-- quantity, the figure of the model, the factors of the place. They add up to the difference. Usage that has energy, or
-- a quantity other than 0, on one side only is one step.

with

pairs as (
    select
        *,
        closed_kwh is not null and current_kwh is not null and closed_quantity <> 0 and current_quantity <> 0
            as is_on_both_sides,
        (current_quantity - closed_quantity) * closed_wh_per_unit / 1000 as quantity_step_it_kwh,
        current_quantity * (current_wh_per_unit - closed_wh_per_unit) / 1000 as figure_step_it_kwh,
        current_quantity * current_wh_per_unit / 1000 as current_it_kwh
    from {{ ref('int_closed_periods__pairs') }}
),

steps as (
    select
        *,
        quantity_cause as cause,
        case
            when is_on_both_sides then quantity_step_it_kwh * closed_kwh_per_it_kwh
            else coalesce(current_kwh, 0) - coalesce(closed_kwh, 0)
        end as step_kwh,
        case
            when is_on_both_sides then quantity_step_it_kwh * closed_kwh_per_it_kwh * closed_intensity
            else coalesce(current_gco2e, 0) - coalesce(closed_gco2e, 0)
        end as step_gco2e
    from pairs
    union all
    select
        *,
        figure_cause as cause,
        figure_step_it_kwh * closed_kwh_per_it_kwh as step_kwh,
        figure_step_it_kwh * closed_kwh_per_it_kwh * closed_intensity as step_gco2e
    from pairs
    where is_on_both_sides
    union all
    select
        *,
        factor_cause as cause,
        current_it_kwh * (current_kwh_per_it_kwh - closed_kwh_per_it_kwh) as step_kwh,
        current_it_kwh
        * (current_kwh_per_it_kwh * current_intensity - closed_kwh_per_it_kwh * closed_intensity) as step_gco2e
    from pairs
    where is_on_both_sides
)

select
    usage_month,
    source,
    model_id,
    region_used,
    cause,
    step_kwh,
    step_gco2e
from steps
