-- One row per status and currency of all AI lines.

select
    status,
    cost_currency,
    sum(line_count) as line_count,
    sum(tokens) as tokens,
    sum(cost_amount) as cost
from ai_usage_coverage
group by status, cost_currency
order by status = 'estimated' desc, sum(cost_amount) desc nulls last, status, cost_currency
