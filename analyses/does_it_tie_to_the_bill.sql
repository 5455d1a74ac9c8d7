-- Does our cost tie to the bill? Per month, payer and currency: the cost of AI usage with and without an estimate, the
-- charges that are no usage (tax, credits, refunds, fees), and their sum. The sum is what the provider's console shows
-- for its AI products, filtered by billing period: compare it there.

with

emissions as (
    select * from {{ ref('fct_ai_emissions') }}
    -- Telemetry has no bill.
    where cost_currency is not null
)

select
    usage_month,
    source,
    billing_account_id,
    cost_currency,
    sum(case when status = 'estimated' then cost_amount end) as estimated_cost,
    sum(case when status not in ('estimated', 'excluded_charge') then cost_amount end) as not_estimated_cost,
    sum(case when status = 'excluded_charge' then cost_amount end) as charges_that_are_no_usage,
    sum(cost_amount) as cost_on_the_bill
from emissions
group by usage_month, source, billing_account_id, cost_currency
order by usage_month desc, source asc, cost_on_the_bill desc, billing_account_id asc
