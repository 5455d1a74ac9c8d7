-- Where does the uncertainty come from? Emissions by what the power figure rests on and how far it can be trusted.

with

usage as (
    select * from {{ ref('fct_ai_emissions') }}
    where status = 'estimated'
),

by_basis as (
    select
        power_basis,
        power_confidence,
        range_basis,
        sum(gco2e) as gco2e,
        sum(coalesce(gco2e_low, gco2e)) as gco2e_low,
        sum(coalesce(gco2e_high, gco2e)) as gco2e_high,
        sum(case when power_is_backcast then gco2e else 0 end) as gco2e_backcast
    from usage
    group by all
)

select
    *,
    gco2e / sum(gco2e) over () as share_of_gco2e
from by_basis
order by gco2e desc
