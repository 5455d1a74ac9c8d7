-- One row per source and month that the what-if questions are asked of: the last ones, each with its last day of
-- estimated usage, whose factors and figures stand for the whole month.

with

usage as (
    select * from {{ ref('int_usage') }}
    where place_day_key is not null
),

newest as (
    select max(usage_month) as newest_month from usage
)

select
    usage.source,
    usage.cloud_provider,
    usage.serving_host,
    usage.serving_hardware,
    usage.allows_size_bucket,
    usage.usage_month,
    max(usage.usage_date) as usage_date
from usage
cross join newest
where usage.usage_month > newest.newest_month - interval {{ var('what_if_months') }} month
group by
    usage.source, usage.cloud_provider, usage.serving_host, usage.serving_hardware, usage.allows_size_bucket,
    usage.usage_month
