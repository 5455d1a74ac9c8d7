-- One row per month with usage in the number.

select
    usage_month,
    sum(kwh) as kwh,
    sum(gco2e) as gco2e,
    sum(gco2e_low) as gco2e_low,
    sum(gco2e_high) as gco2e_high,
    sum(tokens) as tokens
from ai_emissions_by_model_region_month
where status = 'estimated'
group by usage_month
order by usage_month
