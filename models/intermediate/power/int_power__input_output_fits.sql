-- Grain: published model of an edition with at least two prompt lengths. Wh per input token and per output token that
-- fit its prompts best (least squares through the origin, no coefficient below zero), without PUE. Not what the method
-- does: it stands beside the flat figure in analyses and in the sensitivity of the results.

with

prompts as (
    select
        *,
        energy_wh_mean / pue_included as energy_wh
    from {{ ref('int_power__published') }}
    where energy_wh_mean is not null and input_tokens is not null
),

sums as (
    select
        model_name_as_published,
        api_id,
        edition,
        measured_on,
        is_loaded,
        max(case when prompt_length = prompt_length_used then power_figure_id end) as power_figure_id,
        count(*) as prompt_count,
        sum(cast(input_tokens as double) * input_tokens) as input_input,
        sum(cast(output_tokens as double) * output_tokens) as output_output,
        sum(cast(input_tokens as double) * output_tokens) as input_output,
        sum(input_tokens * energy_wh) as input_energy,
        sum(output_tokens * energy_wh) as output_energy
    from prompts
    group by model_name_as_published, api_id, edition, measured_on, is_loaded
    having count(*) >= 2
),

unbounded as (
    select
        *,
        (input_energy * output_output - output_energy * input_output)
        / (input_input * output_output - input_output * input_output) as input_coefficient,
        (output_energy * input_input - input_energy * input_output)
        / (input_input * output_output - input_output * input_output) as output_coefficient
    from sums
)

select
    power_figure_id,
    model_name_as_published,
    edition,
    measured_on,
    is_loaded,
    prompt_count,
    case
        when input_coefficient < 0 then 0
        when output_coefficient < 0 then input_energy / input_input
        else input_coefficient
    end as wh_per_input_token,
    case
        when output_coefficient < 0 then 0
        when input_coefficient < 0 then output_energy / output_output
        else output_coefficient
    end as wh_per_output_token,
    input_coefficient < 0 or output_coefficient < 0 as is_bounded
from unbounded
where power_figure_id is not null
