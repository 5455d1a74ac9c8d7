-- Grain: source x distinct meter (usage type, product, unit, description, region and model named by the resource).
-- How each kind of billing line was understood, and how much was billed under it: the place to look when a figure
-- seems off by a thousand. Quantities here are in billed units; times quantity_per_unit they are the quantities of
-- fct_ai_emissions.

with

lines as (
    select * from {{ ref('int_aws__usage_lines') }}
),

meters as (
    select * from {{ ref('int_aws__meters') }}
),

classified as (
    select * from {{ ref('int_aws__meters_classified') }}
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
    'aws_bedrock' as source,
    meters.meter_key,
    meters.usage_type as meter_name,
    meters.product_code,
    meters.product_name,
    meters.pricing_unit,
    meters.description,
    classified.meter_class,
    classified.usage_kind,
    classified.service_tier,
    classified.processing_scope,
    classified.is_long_context,
    classified.is_custom_model,
    classified.model_name_raw,
    classified.model_id,
    classified.model_variant,
    classified.region_raw,
    classified.region_source,
    classified.region_billed,
    classified.quantity_basis,
    classified.quantity_per_unit,
    classified.quantity_unit,
    classified.media_code,
    classified.is_media_assumed,
    classified.meter_status,
    classified.meter_status_reason,
    totals.line_count,
    totals.usage_amount_total,
    totals.first_usage_date,
    totals.last_usage_date
from meters
left join classified
    on meters.meter_key = classified.meter_key
left join totals
    on meters.meter_key = totals.meter_key
