-- Usage with its power figure and the status it ends in. Grain: as int_usage. Only estimated rows have a figure;
-- energy is computed from them in fct_ai_emissions, in one place.

with

usage as (
    select * from {{ ref('int_usage') }}
),

text_rates as (
    select * from {{ ref('int_power__text_rates') }}
),

media_rates as (
    select * from {{ ref('media_power') }}
),

models as (
    select * from {{ ref('int_power__models') }}
),

rated as (
    select
        usage.*,
        models.model_provider,
        models.size_bucket as model_size_bucket,
        coalesce(text_rates.power_basis, case when media_rates.media_code is not null then 'media_table' end)
            as power_basis,
        case
            when media_rates.media_code is null and usage.is_custom_model and text_rates.power_confidence = 'high'
                then 'medium'
            when media_rates.media_code is null then text_rates.power_confidence
            when usage.is_media_assumed or usage.modality = 'video' then 'low'
            else 'medium'
        end as power_confidence,
        coalesce(text_rates.power_figure_id, media_rates.power_figure_id) as power_figure_id,
        coalesce(text_rates.wh_per_unit, media_rates.wh_per_unit) as figure_wh_per_unit,
        coalesce(text_rates.wh_per_unit, media_rates.wh_per_unit) * usage.quantity_weight as wh_per_unit,
        text_rates.wh_per_unit_low * usage.quantity_weight as wh_per_unit_low,
        text_rates.wh_per_unit_high * usage.quantity_weight as wh_per_unit_high,
        text_rates.range_basis,
        text_rates.power_measured_on,
        case when media_rates.media_code is not null then false else text_rates.power_is_backcast end
            as power_is_backcast,
        coalesce(text_rates.power_source, media_rates.source) as power_source
    from usage
    left join text_rates
        on usage.usage_day_key = text_rates.usage_day_key
    left join media_rates
        on
            usage.usage_status is null
            and usage.modality in ('image', 'video')
            and usage.media_code = media_rates.media_code
    left join models
        on usage.model_id = models.model_id
)

select
    *,
    case
        when usage_status is not null then usage_status
        when wh_per_unit is not null then 'estimated'
        when allows_size_bucket and model_size_bucket is null then 'unsized_model'
        else 'no_power_figure'
    end as status,
    case
        when usage_status is not null or wh_per_unit is not null then usage_status_reason
        when allows_size_bucket and model_size_bucket is null then 'neither a power figure nor a size is known'
        else 'no power figure is loaded'
    end as status_reason
from rated
