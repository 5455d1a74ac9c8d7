{{ config(materialized='table') }}

-- One row per meter: everything a line of it means. meter_status is set where no energy can come of it, whatever
-- the power figures: by the class, the kind of model, a name or a unit that is not known.

with

meters as (
    select * from {{ ref('int_aws__meters') }}
),

words as (
    select * from {{ ref('int_aws__meter_words') }}
),

classes as (
    select * from {{ ref('meter_classes') }}
),

meter_models as (
    select * from {{ ref('int_aws__meter_models') }}
),

models as (
    select * from {{ ref('models') }}
),

regions as (
    select * from {{ ref('int_aws__meter_regions') }}
),

quantities as (
    select * from {{ ref('int_aws__meter_quantities') }}
),

media as (
    select * from {{ ref('int_media_meters') }}
    where source = 'aws_bedrock'
),

combined as (
    select
        meters.meter_key,
        meters.usage_type,
        meters.product_name,
        meters.pricing_unit,
        words.meter_class,
        words.service_tier,
        words.processing_scope,
        words.is_long_context,
        words.is_custom_model,
        coalesce(classes.usage_kind, words.direction) as usage_kind,
        meter_models.model_name_raw,
        meter_models.model_id,
        -- Latency-optimised endpoints are measured on their own.
        case
            when words.service_tier = 'latency_optimized' then words.service_tier else meter_models.model_variant
        end as model_variant,
        models.modality as model_modality,
        classes.modality as class_modality,
        classes.meter_status as class_status,
        classes.status_reason as class_status_reason,
        quantities.expected_unit,
        regions.region_raw,
        regions.region_source,
        regions.region_billed,
        quantities.quantity_basis,
        quantities.quantity_per_unit,
        coalesce(quantities.quantity_unit, lower(meters.pricing_unit)) as quantity_unit,
        media.media_code,
        media.is_assumption as is_media_assumed
    from meters
    inner join words
        on meters.meter_key = words.meter_key
    inner join classes
        on words.meter_class = classes.meter_class
    left join meter_models
        on meters.meter_key = meter_models.meter_key
    left join models
        on meter_models.model_id = models.model_id
    left join regions
        on meters.meter_key = regions.meter_key
    left join quantities
        on meters.meter_key = quantities.meter_key
    left join media
        on meters.meter_key = media.meter_key
)

select
    *,
    case
        when meter_class = 'image_input' and model_modality = 'text' then 'no_usage_quantity'
        when class_status is not null then class_status
        when
            meter_class = 'text_tokens' and model_modality in ('embedding', 'rerank', 'speech')
            then 'out_of_scope_modality'
        when meter_class = 'text_tokens' and model_modality in ('image', 'video') then 'no_usage_quantity'
        when model_id is null then 'unmapped_model'
        when quantity_per_unit is null or quantity_unit <> expected_unit then 'unknown_unit'
        when usage_kind is null then 'unmapped_model'
    end as meter_status,
    case
        when meter_class = 'image_input' and model_modality = 'text'
            then 'images read by the model, billed apiece: no tokens are known'
        when class_status is not null then class_status_reason
        when meter_class = 'text_tokens' and model_modality in ('embedding', 'rerank', 'speech')
            then 'model of another kind: ' || model_modality
        when meter_class = 'text_tokens' and model_modality in ('image', 'video')
            then 'tokens of a model that makes media: the number of images or seconds cannot be known'
        when model_id is null and model_name_raw is null then 'the line does not name a model'
        when model_id is null then 'model name not in the catalogue'
        when quantity_per_unit is null or quantity_unit <> expected_unit
            then 'unit not known for this kind of usage: ' || coalesce(pricing_unit, 'none')
        when usage_kind is null then 'usage type not recognised: no direction'
    end as meter_status_reason
from combined
