-- Grain: month x source x status x currency. How much of the usage is in the number, and under which status the
-- rest is. Shares are of the same month and source, of cost within one currency.

with

emissions as (
    select * from {{ ref('fct_ai_emissions') }}
),

by_status as (
    select
        usage_month,
        source,
        status,
        cost_currency,
        {{ usage_measures() }}
    from emissions
    group by usage_month, source, status, cost_currency
)

select
    usage_month,
    source,
    status,
    cost_currency,
    row_count,
    line_count,
    tokens,
    images,
    video_seconds,
    cost_amount,
    kwh,
    gco2e,
    cost_amount / nullif(sum(cost_amount) over (partition by usage_month, source, cost_currency), 0) as share_of_cost,
    tokens / nullif(sum(tokens) over (partition by usage_month, source), 0) as share_of_tokens
from by_status
