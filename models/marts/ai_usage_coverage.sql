-- Grain: month x source x status x currency. How much of the usage is in the number, and under which status the
-- rest is. Shares are of the same month and source, of cost within one currency: once of everything that the bill holds
-- about AI, once of usage alone, without charges that are no usage and without tokens that are none or count elsewhere.

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
),

usage_only as (
    select
        *,
        case when status <> 'excluded_charge' then cost_amount end as usage_cost_amount,
        case when status not in ('not_model_usage', 'billed_elsewhere') then tokens end as usage_tokens
    from by_status
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
    tokens / nullif(sum(tokens) over (partition by usage_month, source), 0) as share_of_tokens,
    usage_cost_amount / nullif(sum(usage_cost_amount) over (partition by usage_month, source, cost_currency), 0)
        as share_of_usage_cost,
    usage_tokens / nullif(sum(usage_tokens) over (partition by usage_month, source), 0) as share_of_usage_tokens
from usage_only
