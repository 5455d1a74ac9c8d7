-- One row per image or video meter of every source: the row of media_power it takes, by the rules of the catalogue on
-- what the meter says of size, quality and length.

with

meters as (
    select
        'aws_bedrock' as source,
        meters.meter_key,
        words.meter_class,
        lower(meters.metric) as media_text
    from {{ ref('int_aws__meters') }} as meters
    inner join {{ ref('int_aws__meter_words') }} as words
        on meters.meter_key = words.meter_key
    union all
    select
        'microsoft_foundry' as source,
        meters.meter_key,
        classes.meter_class,
        lower(meters.meter_name) as media_text
    from {{ ref('int_azure__meters') }} as meters
    inner join {{ ref('int_azure__meter_classes') }} as classes
        on meters.meter_key = classes.meter_key
    union all
    select
        'ai_proxy' as source,
        meter_key,
        meter_class,
        picture_text as media_text
    from {{ ref('int_ai_proxy__meters') }}
),

rules as (
    select * from {{ ref('media_rules') }}
),

matches as (
    select
        meters.source,
        meters.meter_key,
        rules.media_code,
        rules.is_assumption,
        row_number() over (partition by meters.source, meters.meter_key order by rules.rank) as match_rank
    from meters
    inner join rules
        on
            meters.meter_class = rules.modality
            and {{ regex_matches('meters.media_text', 'rules.pattern') }}
    where meters.meter_class in ('image', 'video')
)

select
    source,
    meter_key,
    media_code,
    is_assumption
from matches
where match_rank = 1
