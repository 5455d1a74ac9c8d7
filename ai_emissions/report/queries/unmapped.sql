-- The largest strings nobody could resolve.

select
    size_rank,
    source,
    status,
    unresolved_text,
    status_reason,
    tokens,
    cost_amount,
    cost_currency
from ai_usage_unmapped
order by size_rank
limit 12
