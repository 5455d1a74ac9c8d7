-- What share is measured, bucketed, assumed, taken from the media table, or not covered at all? By cost and by tokens,
-- per source: a small uncovered share of tokens can be a large share of cost.

with

emissions as (
    select * from {{ ref('fct_ai_emissions') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

grouped as (
    select
        emissions.source,
        case
            when emissions.status <> 'estimated' then 'not covered: ' || emissions.status
            when emissions.power_basis = 'size_bucket' and models.size_basis = 'assumed'
                then 'bucket of an assumed size'
            when emissions.power_basis = 'size_bucket' then 'bucket of a known size'
            when emissions.power_basis = 'media_table' then 'media table'
            when emissions.power_confidence = 'high' then 'measured, this very model'
            else 'measured, another version or an old figure'
        end as rests_on,
        emissions.cost_currency,
        sum(emissions.cost_amount) as cost_amount,
        sum(case when emissions.quantity_unit = 'token' then emissions.quantity end) as tokens,
        sum(emissions.gco2e) / 1000 as kgco2e
    from emissions
    left join models
        on emissions.model_id = models.model_id
    -- Neither charges nor what another input bills is usage of its own.
    where emissions.status not in ('excluded_charge', 'billed_elsewhere')
    group by emissions.source, rests_on, emissions.cost_currency
)

select
    *,
    cost_amount / nullif(sum(cost_amount) over (partition by source, cost_currency), 0) as share_of_cost,
    tokens / nullif(sum(tokens) over (partition by source), 0) as share_of_tokens
from grouped
order by source asc, cost_amount desc nulls last, rests_on asc
