-- One row per image or video meter: the row of media_power it takes.

with

meters as (
    select
        meters.meter_key,
        lower(meters.meter_name) as metric,
        classes.meter_class
    from {{ ref('int_azure__meters') }} as meters
    inner join {{ ref('int_azure__meter_classes') }} as classes
        on meters.meter_key = classes.meter_key
    where classes.meter_class in ('image', 'video')
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
            and {{ regex_matches('meters.metric', 'rules.pattern') }}
)

select
    meter_key,
    media_code,
    is_assumption
from matches
where match_rank = 1
