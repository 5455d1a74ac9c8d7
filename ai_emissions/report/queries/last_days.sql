-- One row per input with usage in the last month that has none on its last day: that month may not be whole.

select
    source,
    max(usage_date) as last_usage_day
from fct_ai_emissions
group by source
having
    date_trunc('month', max(usage_date)) = (select max(usage_month) from fct_ai_emissions)
    and max(usage_date) < last_day(max(usage_date))
order by source
