{{ config(materialized='table') }}

-- One row per meter: everything a line of it means. meter_status is set where no energy can come of it: by the class,
-- the model (only those of the per-model dataset count here) or a unit that stays open.

with

meters as (
    select * from {{ ref('int_azure__meters') }}
),

meter_classes as (
    select * from {{ ref('int_azure__meter_classes') }}
),

classes as (
    select * from {{ ref('meter_classes') }}
),

meter_models as (
    select * from {{ ref('int_azure__meter_models') }}
),

models as (
    select * from {{ ref('int_power__models_in_dataset') }}
),

quantities as (
    select * from {{ ref('int_azure__meter_quantities') }}
),

regions as (
    select * from {{ ref('int_azure__regions') }}
),

media as (
    select * from {{ ref('int_media_meters') }}
    where source = 'microsoft_foundry'
),

combined as (
    select
        meters.meter_key,
        meters.meter_name,
        coalesce(meters.meter_subcategory, meters.product_name, meters.meter_category) as product_name,
        meters.unit_text as pricing_unit,
        meter_classes.meter_class,
        meter_classes.service_tier,
        meter_classes.processing_scope,
        meter_classes.is_long_context,
        meter_classes.is_custom_model,
        coalesce(classes.usage_kind, meter_classes.direction, 'unknown') as usage_kind,
        coalesce(meter_models.model_name_raw, meters.meter_text) as model_name_raw,
        meter_models.model_id,
        meter_models.model_variant,
        meter_models.mapping,
        models.modality as model_modality,
        coalesce(models.is_in_dataset, false) as is_in_dataset,
        coalesce(models.is_of_dataset_provider, false) as is_of_dataset_provider,
        classes.modality as class_modality,
        classes.meter_status as class_status,
        classes.status_reason as class_status_reason,
        meters.region as region_raw,
        'billing column' as region_source,
        regions.region_code as region_billed,
        quantities.quantity_basis,
        quantities.quantity_per_unit,
        quantities.quantity_unit,
        quantities.usage_quality,
        quantities.open_unit_reason,
        media.media_code,
        media.is_assumption as is_media_assumed
    from meters
    inner join meter_classes
        on meters.meter_key = meter_classes.meter_key
    inner join classes
        on meter_classes.meter_class = classes.meter_class
    left join meter_models
        on meters.meter_key = meter_models.meter_key
    left join models
        on meter_models.model_id = models.model_id
    left join quantities
        on meters.meter_key = quantities.meter_key
    left join regions
        on meters.region = regions.region
    left join media
        on meters.meter_key = media.meter_key
),

judged as (
    select
        *,
        case
            when meter_class in ('image_tokens', 'megapixel') and mapping = 'not_in_dataset' then 'out_of_scope_model'
            when class_status is not null then class_status
            when model_modality in ('embedding', 'rerank', 'speech') then 'out_of_scope_modality'
            when mapping = 'not_in_dataset' and not is_in_dataset then 'out_of_scope_model'
            when model_id is null then 'unmapped_model'
            when meter_class in ('image', 'video') and not is_of_dataset_provider then 'out_of_scope_model'
            when meter_class = 'text_tokens' and model_modality in ('image', 'video') then 'no_usage_quantity'
            when meter_class = 'text_tokens' and not is_in_dataset then 'out_of_scope_model'
            when quantity_per_unit is null then 'unknown_unit'
        end as meter_status
    from combined
)

select
    *,
    case
        when meter_status = class_status then class_status_reason
        when meter_status = 'out_of_scope_modality' then 'model of another kind: ' || model_modality
        when meter_status = 'out_of_scope_model' then 'model is not in the per-model dataset'
        when meter_status = 'unmapped_model' then 'model name not in the catalogue'
        when meter_status = 'no_usage_quantity'
            then 'tokens of a model that makes media: the number of images or seconds cannot be known'
        when meter_status = 'unknown_unit' then open_unit_reason
    end as meter_status_reason
from judged
