{{ config(severity='warn') }}

-- Price of a million tokens, text models, USD: a figure far outside what anybody charges points to a wrong unit
-- multiplier. Credits and private prices break the rule, so it warns.

with

emissions as (
    select
        meter_name,
        model_id,
        sum(cost_amount) / nullif(sum(quantity) / 1e6, 0) as usd_per_million_tokens
    from {{ ref('fct_ai_emissions') }}
    where status = 'estimated' and quantity_unit = 'token' and cost_currency = 'USD' and cost_amount > 0
    group by meter_name, model_id
)

select *
from emissions
where
    usd_per_million_tokens < {{ var('plausible_usd_per_million_tokens')[0] }}
    or usd_per_million_tokens > {{ var('plausible_usd_per_million_tokens')[1] }}
