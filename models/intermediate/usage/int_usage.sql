{{ config(materialized='table') }}

-- Usage of all sources in one shape, with the place energy is counted at. Grain: as the sources deliver it. The
-- keys at the end name what is looked up once per day: the power figure and the factors of the place.

with

usage as (
    select * from {{ ref('int_aws__usage') }}
    union all by name
    select * from {{ ref('int_azure__usage') }}
    union all by name
    select * from {{ ref('int_ai_proxy__usage') }}
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
        {% if var('location_policy') == 'scope_aware' %}
        case
            when not sources.has_place or usage.processing_scope = 'global' then 'world'
            when usage.processing_scope = 'geo' then 'geography'
            else 'region'
        end as place_level,
        {% else %}
        case when not sources.has_place then 'world' else 'region' end as place_level,
        {% endif %}
        cast(case when usage.usage_kind = 'cache_read' then {{ var('cache_read_weight') }} else 1 end as double)
            as quantity_weight,
        usage.line_status is null
        and usage.meter_status is null
        and usage.region_billed is null
        and coalesce(sources.has_place, true) as is_unmapped_region
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
            then {{ row_key(['source', 'model_id', 'model_variant', 'usage_date']) }}
    end as usage_day_key,
    case
        when usage_status is null
            then {{ row_key(['cloud_provider', 'region_billed', 'place_level', 'usage_date']) }}
    end as place_day_key
from decided
