-- One row per closed month: as closed, as it would be today, and why it differs.

select
    usage_month,
    max(closed_revision) as closed_revision,
    sum(closed_gco2e) as closed_gco2e,
    sum(current_gco2e) as current_gco2e,
    sum(difference_gco2e) as difference_gco2e,
    sum(difference_usage_gco2e) as usage,
    sum(difference_power_figure_gco2e) as power_figure,
    sum(difference_factors_gco2e) as factors,
    sum(difference_rules_gco2e) as rules
from ai_emissions_restated
group by usage_month
order by usage_month
