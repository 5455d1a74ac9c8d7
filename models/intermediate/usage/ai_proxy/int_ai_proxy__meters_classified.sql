{{ config(materialized='table') }}

-- One row per meter of the telemetry: everything a line of it means. meter_status is set where no energy can come of
-- it, whatever the power figures: by the operation, the kind of model or a name that is not known.

with

meters as (
    select * from {{ ref('int_ai_proxy__meters') }}
),

classes as (
    select * from {{ ref('meter_classes') }}
),

model_names as (
    select * from {{ ref('int_ai_proxy__model_names') }}
),

models as (
    select * from {{ ref('models') }}
),

media as (
    select * from {{ ref('int_media_meters') }}
    where source = 'ai_proxy'
),

combined as (
    select
        meters.meter_key,
        meters.model as meter_name,
        meters.provider || ' ' || meters.operation as product_name,
        case when meters.meter_class in ('image', 'video') then meters.picture_text end as description,
        meters.quantity_unit as pricing_unit,
        meters.meter_class,
        'unknown' as service_tier,
        'unknown' as processing_scope,
        coalesce(model_names.is_custom_model, false) as is_custom_model,
        meters.usage_kind,
        meters.model as model_name_raw,
        model_names.model_id,
        model_names.model_variant,
        models.modality as model_modality,
        classes.modality as class_modality,
        classes.meter_status as class_status,
        case
            when meters.meter_class = 'image_tokens' and meters.operation = 'image'
                then 'tokens of created images: the images are counted, not their tokens'
            else classes.status_reason
        end as class_status_reason,
        'unit' as quantity_basis,
        cast(1 as double) as quantity_per_unit,
        meters.quantity_unit,
        media.media_code,
        media.is_assumption as is_media_assumed
    from meters
    inner join classes
        on meters.meter_class = classes.meter_class
    left join model_names
        on meters.model = model_names.model
    left join models
        on model_names.model_id = models.model_id
    left join media
        on meters.meter_key = media.meter_key
),

judged as (
    select
        *,
        case
            when class_status is not null then class_status
            when meter_class = 'text_tokens' and model_modality in ('embedding', 'rerank', 'speech')
                then 'out_of_scope_modality'
            when meter_class = 'text_tokens' and model_modality in ('image', 'video') then 'no_usage_quantity'
            when model_id is null then 'unmapped_model'
        end as meter_status
    from combined
)

select
    *,
    case
        when class_status is not null then class_status_reason
        when meter_status = 'out_of_scope_modality' then 'model of another kind: ' || model_modality
        when meter_status = 'no_usage_quantity'
            then 'tokens of a model that makes media: the number of images or seconds cannot be known'
        when meter_name is null then 'the record does not name a model'
        when meter_status = 'unmapped_model' then 'model name not in the catalogue'
    end as meter_status_reason
from judged
