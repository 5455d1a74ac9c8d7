-- Grain: source x distinct meter (usage type or meter name, product, unit, description, region and model named by the
-- resource; for Azure also the reading of the quantity). How each kind of billing line was understood, and how much was
-- billed under it: the place to look when a figure seems off by a thousand. Quantities here are in billed units; times
-- quantity_per_unit they are the quantities of fct_ai_emissions.

with

lines as (
    select
        meter_key,
        usage_date,
        is_usage,
        line_count,
        usage_amount
    from {{ ref('int_aws__usage_lines') }}
    union all
    select
        meter_key,
        usage_date,
        is_usage,
        line_count,
        usage_amount
    from {{ ref('int_azure__usage_lines') }}
    union all
    select
        meter_key,
        usage_date,
        true as is_usage,
        line_count,
        quantity as usage_amount
    from {{ ref('int_ai_proxy__usage_lines') }}
),

aws_meters as (
    select * from {{ ref('int_aws__meters') }}
),

meters as (
    {{ union_by_name(
        [
            ref('int_aws__meters_classified'),
            ref('int_azure__meters_classified'),
            ref('int_ai_proxy__meters_classified'),
        ],
        source_names=['aws_bedrock', 'microsoft_foundry', 'ai_proxy'],
    ) }}
),

totals as (
    select
        meter_key,
        cast(sum(line_count) as bigint) as line_count,
        min(usage_date) as first_usage_date,
        max(usage_date) as last_usage_date,
        sum(case when is_usage then usage_amount end) as usage_amount_total
    from lines
    group by meter_key
)

select
    meters.source,
    meters.meter_key,
    coalesce(meters.meter_name, meters.usage_type) as meter_name,
    aws_meters.product_code,
    meters.product_name,
    meters.pricing_unit,
    coalesce(aws_meters.description, meters.description) as description,
    meters.meter_class,
    meters.usage_kind,
    meters.service_tier,
    meters.processing_scope,
    meters.is_long_context,
    meters.is_custom_model,
    meters.model_name_raw,
    meters.model_id,
    meters.model_variant,
    meters.region_raw,
    meters.region_source,
    meters.region_billed,
    meters.quantity_basis,
    meters.quantity_per_unit,
    meters.quantity_unit,
    meters.usage_quality,
    meters.media_code,
    meters.is_media_assumed,
    meters.meter_status,
    meters.meter_status_reason,
    totals.line_count,
    totals.usage_amount_total,
    totals.first_usage_date,
    totals.last_usage_date
from meters
left join totals
    on meters.meter_key = totals.meter_key
left join aws_meters
    on meters.meter_key = aws_meters.meter_key
