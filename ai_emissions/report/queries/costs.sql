-- One row per currency: cost of all AI lines, and the part whose usage is in the number.

select
    cost_currency,
    sum(cost_amount) as cost,
    sum(case when status = 'estimated' then cost_amount end) as cost_in_number,
    sum(case when status = 'estimated' then cost_amount end) / nullif(sum(cost_amount), 0) as share
from ai_usage_coverage
where cost_amount is not null
group by cost_currency
order by count(*) desc, cost_currency
