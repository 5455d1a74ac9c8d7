-- One row per month and input.

select
    usage_month,
    source,
    sum(gco2e) as gco2e
from ai_emissions_by_model_region_month
where status = 'estimated'
group by usage_month, source
order by usage_month, source
