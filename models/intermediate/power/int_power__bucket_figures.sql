-- One row per snapshot and size bucket: the average over the endpoints of the author's class. The method document's
-- own figure belongs to no class and is not averaged.

with

figures as (
    select * from {{ ref('int_power__figures') }}
    where size_bucket is not null
)

select
    'bucket:' || edition || ':' || size_bucket as power_figure_id,
    edition,
    is_loaded,
    measured_on,
    max(values_since) as values_since,
    size_bucket,
    count(*) as member_count,
    -- In a fixed order: a sum of doubles in another order differs in its last digit.
    avg(wh_per_token order by wh_per_token) as wh_per_token,
    median(wh_per_token) as wh_per_token_median,
    min(wh_per_token) as wh_per_token_low,
    max(wh_per_token) as wh_per_token_high,
    string_agg(model_name_as_published, '; ' order by model_name_as_published) as members,
    min(power_source) as power_source,
    string_agg(distinct licence, '; ' order by licence) as licence
from figures
group by edition, is_loaded, measured_on, size_bucket
