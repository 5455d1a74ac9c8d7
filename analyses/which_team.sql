-- Which team emits what? Emissions over all months, with the tokens and the cost they come from, and the cost beside
-- them that has no estimate; usage without a team is a row of its own. A team with two currencies, or with usage that
-- has no price, has a row for each.

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
        sum(case when status = 'estimated' then tokens end) as tokens,
        sum(case when status = 'estimated' then cost_amount end) as cost_amount,
        sum(case when status <> 'estimated' then cost_amount end) as cost_without_estimate
    from accounts
    group by coalesce(team, 'no team'), cost_currency
)

select
    *,
    kgco2e / sum(kgco2e) over () as share_of_emissions
from by_team
order by kgco2e desc nulls last, team asc
