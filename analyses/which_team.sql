-- Which team emits what? Emissions, tokens and cost of each team over all months; usage without a team is a row of its
-- own. Cost is shown per currency and never summed across currencies.

with

accounts as (
    select * from {{ ref('ai_emissions_by_account_month') }}
),

by_team as (
    select
        coalesce(team, 'no team') as team,
        cost_currency,
        sum(gco2e) / 1000 as kgco2e,
        sum(kwh) as kwh,
        sum(tokens) as tokens,
        sum(cost_amount) as cost_amount
    from accounts
    group by coalesce(team, 'no team'), cost_currency
)

select
    *,
    kgco2e / sum(kgco2e) over () as share_of_emissions
from by_team
order by kgco2e desc nulls last, team asc
