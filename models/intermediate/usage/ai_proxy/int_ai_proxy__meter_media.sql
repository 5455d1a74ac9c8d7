-- One row per image or video meter of the telemetry: the row of media_power it takes, by size and quality alone.

with

meters as (
    select * from {{ ref('int_ai_proxy__meters') }}
    where meter_class in ('image', 'video')
),

rules as (
    select * from {{ ref('media_rules') }}
),

matches as (
    select
        meters.meter_key,
        rules.media_code,
        rules.is_assumption,
        row_number() over (partition by meters.meter_key order by rules.rank) as match_rank
    from meters
    inner join rules
        on
            meters.meter_class = rules.modality
            and {{ regex_matches('meters.picture_text', 'rules.pattern') }}
)

select
    meter_key,
    media_code,
    is_assumption
from matches
where match_rank = 1
