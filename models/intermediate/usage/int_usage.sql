{{ config(
    materialized='incremental',
    meta={'months_from': ['int_aws__usage_lines', 'int_azure__usage_lines', 'int_ai_proxy__usage_lines']},
    pre_hook='{{ forget_months() }}',
    post_hook='{{ remember_months() }}'
) }}

-- Usage of all sources in one shape, with the place energy is counted at. Grain: as the sources deliver it. The
-- keys at the end name what is looked up once per day: the power figure and the factors of the place.

with

all_usage as (
    {{ union_by_name([ref('int_aws__usage'), ref('int_azure__usage'), ref('int_ai_proxy__usage')]) }}
),

usage as (
    select * from all_usage
    where {{ is_due() }}
),

sources as (
    select * from {{ ref('sources') }}
),

-- location_policy: where the usage is billed, or as wide as the request may have been routed. Direct use has no place.
placed as (
    select
        usage.*,
        sources.serving_host,
        sources.serving_hardware,
        sources.allows_size_bucket,
        {{ place_level("'" ~ var('location_policy') ~ "'", 'usage.processing_scope', 'usage.cloud_provider') }}
            as place_level,
        '{{ var("grid_level") }}' as grid_level,
        '{{ var("transmission_factor_set") }}' as transmission_factor_set,
        cast(case when usage.usage_kind = 'cache_read' then {{ var('cache_read_weight') }} else 1 end as double)
            as quantity_weight,
        usage.line_status is null
        and usage.meter_status is null
        and usage.region_billed is null
        and coalesce(usage.cloud_provider, '') <> 'direct' as is_unmapped_region
    from usage
    left join sources
        on usage.source = sources.source
),

-- The first thing that keeps a line from energy is the one it is reported under.
decided as (
    select
        *,
        coalesce(line_status, meter_status, case when is_unmapped_region then 'unmapped_region' end) as usage_status,
        case
            when line_status is not null then line_status_reason
            when meter_status is not null then meter_status_reason
            when
                is_unmapped_region
                then coalesce('region not in the list: ' || region_raw, 'the line does not name a region')
            else line_status_reason
        end as usage_status_reason
    from placed
)

select
    *,
    case
        when usage_status is null and modality = 'text'
            then {{ usage_day_key() }}
    end as usage_day_key,
    case
        when usage_status is null
            then {{ place_day_key() }}
    end as place_day_key
from decided
