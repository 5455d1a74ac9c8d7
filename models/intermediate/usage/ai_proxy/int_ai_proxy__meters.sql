-- One row per distinct meter of the telemetry: provider, operation, kind of usage, model and picture, with the class of
-- meter that is. Tokens of requests that create images are a class of their own.

with

lines as (
    select distinct
        meter_key,
        provider,
        operation,
        output_type,
        model,
        image_size,
        image_quality,
        usage_kind,
        quantity_unit
    from {{ ref('int_ai_proxy__usage_lines') }}
),

operations as (
    select * from {{ ref('proxy_operations') }}
)

select
    lines.*,
    case
        when operations.meter_class = 'image' and lines.quantity_unit = 'token' then 'image_tokens'
        when operations.meter_class = 'text_tokens' and lines.output_type = 'image' then 'image_tokens'
        else coalesce(operations.meter_class, 'unknown')
    end as meter_class,
    -- What the rules for media look at.
    'size:' || coalesce(lines.image_size, 'unknown') || ' quality:' || coalesce(lines.image_quality, 'unknown')
        as picture_text
from lines
left join operations
    on lines.operation = operations.operation
