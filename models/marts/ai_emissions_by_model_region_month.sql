-- Grain: month x source x model x region x status x currency. The headline. Ranges take the point figure where a
-- row has no range, so that low <= central <= high holds for every sum.

with

emissions as (
    select * from {{ ref('fct_ai_emissions') }}
)

select
    usage_month,
    source,
    model_provider,
    model_id,
    coalesce(region_used, region_billed) as region,
    status,
    cost_currency,
    {{ usage_measures() }}
from emissions
group by usage_month, source, model_provider, model_id, coalesce(region_used, region_billed), status, cost_currency
