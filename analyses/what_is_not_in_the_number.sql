-- What is not in the number, and why? Cost, tokens and lines outside `estimated`, by reason, the largest cost first.

with

usage as (
    select * from {{ ref('fct_ai_emissions') }}
),

by_reason as (
    select
        source,
        status,
        status_reason,
        cost_currency,
        sum(line_count) as line_count,
        sum(cost_amount) as cost_amount,
        sum(case when quantity_unit = 'token' then quantity end) as tokens
    from usage
    group by all
)

select
    *,
    case when status <> 'excluded_charge' then cost_amount end
    / nullif(
        sum(case when status <> 'excluded_charge' then cost_amount end) over (partition by source, cost_currency), 0
    ) as share_of_usage_cost
from by_reason
where status <> 'estimated'
order by cost_amount desc nulls last, status asc, status_reason asc
