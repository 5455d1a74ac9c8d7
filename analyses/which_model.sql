-- Which model emits what, beside what it costs? A model high in the first list and low in the second is cheap and
-- emits much, or its figure is a bucket average: power_basis says which.

with

emissions as (
    select * from {{ ref('fct_ai_emissions') }}
    where status = 'estimated'
)

select
    model_id,
    power_basis,
    cost_currency,
    sum(gco2e) / 1000 as kgco2e,
    sum(gco2e) / sum(sum(gco2e)) over () as share_of_emissions,
    sum(cost_amount) / sum(sum(cost_amount)) over (partition by cost_currency) as share_of_cost,
    sum(gco2e) / nullif(sum(cost_amount), 0) as gco2e_per_unit_of_cost
from emissions
group by model_id, power_basis, cost_currency
order by kgco2e desc, model_id asc
