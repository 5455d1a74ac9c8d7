{{ config(
    materialized='incremental',
    meta={'months_from': ['int_usage_months']},
    pre_hook='{{ forget_months() }}',
    post_hook='{{ remember_months() }}'
) }}

-- Grain: delivery x day x provider x operation x output x model x team x how the requests ended x picture x kind of
-- usage. A request uses several kinds: what is left of the input beside the cache, cache reads, cache writes, output
-- (thinking included), images, seconds. Requests are counted with one of them, the first of this list: images, seconds,
-- output, input; those without any count have one row without quantity. The key of the meter is made of everything that
-- decides how a line is understood.
-- depends_on: {{ ref('int_usage_months') }}

{%- set kinds = [
    ('image', 'image', 'image_count'),
    ('media_second', 'second', 'media_seconds'),
    ('output', 'token', 'output_tokens'),
    ('input', 'token', 'uncached_input_tokens'),
    ('cache_read', 'token', 'cache_read_tokens'),
    ('cache_write', 'token', 'cache_write_tokens'),
] %}

with

requests as (
    select
        {{ all_but([
            'file_path', 'read_key', 'has_input', 'has_output', 'has_cache', 'has_images', 'has_seconds',
            'input_tokens', 'record_hash',
        ]) }},
        cast(date_trunc('month', usage_date) as date) as usage_month,
        {{ row_key([
            'file_path', 'usage_date', 'provider', 'operation', 'output_type', 'model', 'team', 'usage_status', 'outcome',
            'is_http_error', 'image_size', 'image_quality', 'has_input', 'has_output', 'has_cache', 'has_images',
            'has_seconds',
        ]) }} as request_group_key
    from {{ ref('stg_ai_proxy__requests') }}
    where request_count > 0 and {{ is_due("cast(date_trunc('month', usage_date) as date)") }}
),

kinds as (
    {% for kind, unit, column in kinds %}
    select
        request_group_key,
        {{ loop.index }} as kind_rank,
        '{{ kind }}' as kind,
        '{{ unit }}' as unit,
        {{ column }} as quantity
    from requests
    where {{ column }} is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

ranked as (
    select
        *,
        row_number() over (partition by request_group_key order by quantity = 0, kind_rank) as choice
    from kinds
),

lines as (
    select
        requests.source_delivery,
        requests.usage_month,
        requests.usage_date,
        requests.provider,
        requests.operation,
        requests.output_type,
        requests.model,
        requests.team,
        requests.usage_status,
        requests.outcome,
        requests.is_http_error,
        case when requests.operation in ('image', 'video') then requests.image_size end as image_size,
        case when requests.operation in ('image', 'video') then requests.image_quality end as image_quality,
        case
            when requests.operation = 'video' and coalesce(ranked.kind, 'media_second') = 'media_second'
                then 'video_second'
            when ranked.kind = 'media_second' then 'audio_second'
            when requests.operation = 'image' then coalesce(ranked.kind, 'image')
            else coalesce(ranked.kind, 'unknown')
        end as usage_kind,
        case
            when ranked.unit is not null then ranked.unit
            when requests.operation = 'image' then 'image'
            when requests.operation = 'video' then 'second'
            else 'token'
        end as quantity_unit,
        case when coalesce(ranked.choice, 1) = 1 then requests.request_count else 0 end as line_count,
        ranked.quantity is not null as has_quantity,
        ranked.quantity
    from requests
    left join ranked
        on requests.request_group_key = ranked.request_group_key
    where coalesce(ranked.choice, 1) = 1 or ranked.quantity <> 0
),

summed as (
    select
        {{ all_but(['line_count', 'quantity']) }},
        cast(sum(line_count) as bigint) as line_count,
        sum(quantity) as quantity
    from lines
    group by all
)

select
    *,
    {{ row_key([
        'provider', 'operation', 'output_type', 'model', 'image_size', 'image_quality', 'usage_kind', 'quantity_unit',
    ]) }} as meter_key
from summed
