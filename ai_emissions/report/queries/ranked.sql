-- One row per {dimension} of the usage in the number, with its cost per currency, largest first.

with

per_currency as (
    select
        {dimension} as member,
        cost_currency,
        sum(cost_amount) as cost,
        sum(gco2e) as gco2e,
        sum(gco2e_low) as gco2e_low,
        sum(gco2e_high) as gco2e_high,
        sum(kwh) as kwh,
        sum(tokens) as tokens
    from {mart}
    where status = 'estimated'
    group by {dimension}, cost_currency
)

select
    member,
    sum(gco2e) as gco2e,
    sum(gco2e_low) as gco2e_low,
    sum(gco2e_high) as gco2e_high,
    sum(kwh) as kwh,
    sum(tokens) as tokens,
    map_from_entries(list((cost_currency, cost)) filter (where cost_currency is not null)) as cost
from per_currency
group by member
order by gco2e desc nulls last, member
