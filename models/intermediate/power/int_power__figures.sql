-- One row per measured Wh per token: a published figure of the prompt length that is used, its own PUE divided out
-- once, or a figure that was published per token. Low and high are one standard deviation away, never below zero.
-- With power_smoothing_days a figure is the median of its model over that many days up to its own.

with

published as (
    select * from {{ ref('int_power__published') }}
    where prompt_length = prompt_length_used
),

names as (
    select * from {{ ref('model_power_names') }}
),

converted as (
    select
        *,
        coalesce(wh_per_token, energy_wh_mean / pue_included / output_tokens) as measured_wh_per_token,
        case when energy_wh_std is not null then greatest(1 - energy_wh_std / energy_wh_mean, 0) end as low_share,
        1 + energy_wh_std / energy_wh_mean as high_share
    from published
    where coalesce(wh_per_token, energy_wh_mean / pue_included / output_tokens) is not null
),

smoothed as (
    select
        *,
        {% if var('power_smoothing_days') > 0 %}
        {{ moving_median('measured_wh_per_token') }} over (
            partition by is_loaded, model_name_as_published, api_id, host
            order by measured_on
            range between interval {{ var('power_smoothing_days') }} days preceding and current row
        ) as figure_wh_per_token
        {% else %}
        measured_wh_per_token as figure_wh_per_token
        {% endif %}
    from converted
),

compared as (
    select
        *,
        lag(figure_wh_per_token) over (
            partition by is_loaded, model_name_as_published, api_id, host order by measured_on
        ) as earlier_wh_per_token
    from smoothed
)

select
    compared.power_figure_id,
    compared.is_loaded,
    compared.model_name_as_published,
    coalesce(names.model_id, compared.model_id) as model_id,
    case when names.model_id is not null then names.variant else compared.variant end as variant,
    coalesce(names.host, compared.host) as host,
    coalesce(names.hardware, compared.hardware) as hardware,
    compared.author_size_class as size_bucket,
    compared.edition,
    compared.measured_on,
    compared.values_since,
    compared.figure_wh_per_token as wh_per_token,
    compared.figure_wh_per_token * compared.low_share as wh_per_token_low,
    compared.figure_wh_per_token * compared.high_share as wh_per_token_high,
    case when compared.low_share is not null then 'one standard deviation of the measurement' end as range_basis,
    -- What makes a figure doubtful by itself, whoever uses it.
    case
        when compared.prompt_length_used <> 'medium' then 'not the medium prompt'
        when
            compared.figure_wh_per_token / nullif(compared.earlier_wh_per_token, 0)
            not between 1.0 / {{ var('power_jump_factor') }} and {{ var('power_jump_factor') }}
            then 'moved by more than the jump factor'
    end as doubt,
    compared.source as power_source,
    compared.licence
from compared
left join names
    on compared.model_name_as_published = names.model_name_as_published
