-- The averages computed from the paper's rows equal the averages published beside them: a changed class, conversion
-- or member would show.

with

computed as (
    select * from {{ ref('int_power__bucket_figures') }}
),

baseline as (
    select * from {{ ref('size_bucket_power_baseline') }}
)

select
    baseline.size_bucket,
    baseline.wh_per_token_mean,
    computed.wh_per_token
from baseline
left join computed
    on
        baseline.size_bucket = computed.size_bucket
        and baseline.edition = computed.edition
where
    baseline.model_count is distinct from computed.member_count
    or {{ differs('baseline.wh_per_token_mean', 'computed.wh_per_token') }}
    or {{ differs('baseline.wh_per_token_median', 'computed.wh_per_token_median') }}
    or {{ differs('baseline.wh_per_token_min', 'computed.wh_per_token_low') }}
    or {{ differs('baseline.wh_per_token_max', 'computed.wh_per_token_high') }}
