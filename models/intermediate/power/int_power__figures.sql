-- One row per measured Wh per token: a published medium-prompt figure, its own PUE divided out once, or a figure
-- that was published per token. Low and high are one standard deviation away, never below zero.

with

published as (
    select * from {{ ref('text_model_power') }}
    where prompt_length = 'medium'
),

names as (
    select * from {{ ref('model_power_names') }}
),

converted as (
    select
        *,
        coalesce(wh_per_token, energy_wh_mean / pue_included / output_tokens) as figure_wh_per_token,
        greatest(energy_wh_mean - energy_wh_std, 0) / pue_included / output_tokens as wh_per_token_low,
        (energy_wh_mean + energy_wh_std) / pue_included / output_tokens as wh_per_token_high
    from published
)

select
    converted.power_figure_id,
    converted.model_name_as_published,
    names.model_id,
    names.variant,
    names.host,
    names.hardware,
    converted.author_size_class as size_bucket,
    converted.edition,
    converted.measured_on,
    converted.figure_wh_per_token as wh_per_token,
    converted.wh_per_token_low,
    converted.wh_per_token_high,
    case when converted.wh_per_token_low is not null then 'one standard deviation of the measurement' end
        as range_basis,
    converted.source as power_source,
    converted.licence
from converted
left join names
    on converted.model_name_as_published = names.model_name_as_published
