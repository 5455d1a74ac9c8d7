-- One row per cause: what moved the newest month away from the month before it.

select
    usage_month,
    previous_month,
    cause,
    sum(kwh_change) as kwh_change,
    sum(gco2e_change) as gco2e_change
from ai_emissions_change
where usage_month = (select max(usage_month) from ai_emissions_change)
group by usage_month, previous_month, cause
order by list_position(['volume', 'mix', 'power_figure', 'facility', 'grid'], cause)
