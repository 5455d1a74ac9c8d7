-- Grain: month x source x cause. What changed since the month before, split exactly: the causes of a month add up to
-- its change. The newest month is often not over: its volume says so.

select
    usage_month,
    cast(usage_month - interval 1 month as date) as previous_month,
    source,
    cause,
    sum(kwh_change) as kwh_change,
    sum(gco2e_change) as gco2e_change
from {{ ref('int_changes__steps') }}
group by usage_month, source, cause
