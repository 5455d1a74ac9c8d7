-- Grain: month x source x billing account x account x team x status x currency. For showing each team its own
-- figures.

with

emissions as (
    select * from {{ ref('fct_ai_emissions') }}
)

select
    usage_month,
    source,
    billing_account_id,
    account_id,
    account_name,
    team,
    status,
    cost_currency,
    {{ usage_measures() }}
from emissions
group by usage_month, source, billing_account_id, account_id, account_name, team, status, cost_currency
