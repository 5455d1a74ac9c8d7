-- The model and kind of token whose prices lie furthest apart between meters: a sign of a unit read wrong.

with

prices as (
    select
        model_id,
        usage_kind,
        cost_currency,
        meter_name,
        sum(cost_amount) / sum(quantity) as price
    from fct_ai_emissions
    where status = 'estimated' and quantity_unit = 'token' and quantity > 0 and cost_amount > 0
    group by model_id, usage_kind, cost_currency, meter_name
)

select
    model_id,
    usage_kind,
    cost_currency,
    max(price) / min(price) as spread,
    arg_max(meter_name, price) as dearest_meter,
    arg_min(meter_name, price) as cheapest_meter
from prices
group by model_id, usage_kind, cost_currency
order by spread desc, model_id, usage_kind, cost_currency
limit 1
