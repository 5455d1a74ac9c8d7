-- One row per meter: the class of what it counts, beside what its words say. The product decides where all its meters
-- are of one class; then the kind of charge, then the thing counted, and for tokens the kind of model.

with

meters as (
    select * from {{ ref('int_azure__meters') }}
),

words as (
    select * from {{ ref('int_azure__meter_words') }}
)

select
    meters.meter_key,
    coalesce(
        meters.product_class,
        -- Claude is sold in consumption units; token plans from before say paygo-inference.
        case
            when
                meters.is_marketplace
                and meters.model_family = 'anthropic'
                and not {{ regex_matches(
                    "lower(concat_ws(' ', meters.meter_name, meters.product_name, meters.plan_name))",
                    "'paygo.?(finetuned.model.)?inf'"
                ) }}
                then 'consumption_unit'
        end,
        words.kind,
        case
            when words.counted = 'token' and words.is_custom_model and words.direction is null then 'training'
            when words.counted = 'token' and words.token_modality = 'speech' then 'speech_tokens'
            when words.counted = 'token' then coalesce(words.token_modality, 'text_tokens')
            when words.counted in ('image', 'megapixel') then words.counted
            when words.counted = 'video_second' then 'video'
            when words.counted = 'page' then 'document'
            when words.counted = 'search' then 'rerank'
            when words.counted in ('call', 'session', 'gb') then 'other'
            when words.counted = 'character' or words.token_modality = 'speech' then 'speech'
        end,
        'unknown'
    ) as meter_class,
    words.counted,
    words.direction,
    coalesce(words.service_tier, 'standard') as service_tier,
    coalesce(words.processing_scope, 'unknown') as processing_scope,
    coalesce(words.is_long_context, false) as is_long_context,
    coalesce(words.is_custom_model, false) as is_custom_model
from meters
left join words
    on meters.meter_key = words.meter_key
