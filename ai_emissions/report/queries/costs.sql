-- One row per currency: cost of all AI lines, and the share of the cost of usage that is in the number. Taxes, credits
-- and refunds are on the bill, but cover nothing and leave nothing out.

select
    cost_currency,
    sum(cost_amount) as cost,
    sum(case when status = 'estimated' then cost_amount end) as cost_in_number,
    sum(case when status = 'estimated' then cost_amount end)
    / nullif(sum(case when status <> 'excluded_charge' then cost_amount end), 0) as share
from ai_usage_coverage
where cost_amount is not null
group by cost_currency
order by count(*) desc, cost_currency
