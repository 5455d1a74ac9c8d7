-- What if input and output tokens were not alike? The method counts every token with the figure of an output token.
-- Beside it: Wh per input and per output token fitted to the prompt lengths of the dataset, per model with a measured
-- figure. Cached tokens count as whole input tokens, whatever cache_read_weight says. The fit is poor for reasoning
-- models and exact, hence worthless as a test, for models with two prompt lengths.

with

emissions as (
    select * from {{ ref('fct_ai_emissions') }}
    where status = 'estimated' and power_basis = 'measured' and modality = 'text'
),

fits as (
    select * from {{ ref('int_power__input_output_fits') }}
),

compared as (
    select
        emissions.model_id,
        fits.prompt_count,
        emissions.kwh,
        emissions.quantity,
        emissions.usage_kind,
        case when emissions.usage_kind = 'output' then fits.wh_per_output_token else fits.wh_per_input_token end
        * emissions.quantity / 1000 * emissions.psu_factor * emissions.pue * emissions.transmission_factor as fit_kwh
    from emissions
    left join fits
        on emissions.power_figure_id = fits.power_figure_id
)

select
    model_id,
    max(prompt_count) as prompt_lengths,
    sum(case when usage_kind <> 'output' then quantity end) / sum(case when usage_kind = 'output' then quantity end)
        as input_tokens_per_output_token,
    sum(kwh) as kwh_flat,
    sum(fit_kwh) as kwh_by_input_and_output,
    sum(case when fit_kwh is not null then kwh end) / sum(fit_kwh) as flat_per_fit
from compared
group by model_id
order by kwh_flat desc
