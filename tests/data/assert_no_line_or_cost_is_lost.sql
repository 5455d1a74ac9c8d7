-- Lines and cost as they were read from the files equal lines and cost of the fact, per delivery, month and
-- currency. A join that drops or doubles usage, or a status that swallows it, shows here.

with

lines_read as (
    {% for model in ['stg_aws__cur2', 'stg_aws__cur_legacy_csv', 'stg_aws__cur_legacy_parquet', 'stg_aws__focus'] %}
    select
        source_delivery,
        coalesce(date_trunc('month', billing_period), delivered_period) as usage_month,
        cost_currency,
        line_count,
        cost_amount
    from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

read_totals as (
    select
        source_delivery,
        usage_month,
        cost_currency,
        sum(line_count) as line_count,
        sum(cost_amount) as cost_amount
    from lines_read
    group by source_delivery, usage_month, cost_currency
),

fact_totals as (
    select
        source_delivery,
        usage_month,
        cost_currency,
        sum(line_count) as line_count,
        sum(cost_amount) as cost_amount
    from {{ ref('fct_ai_emissions') }}
    where source = 'aws_bedrock'
    group by source_delivery, usage_month, cost_currency
)

select
    read_totals.*,
    fact_totals.line_count as fact_line_count,
    fact_totals.cost_amount as fact_cost_amount
from read_totals
full outer join fact_totals
    on
        read_totals.source_delivery = fact_totals.source_delivery
        and read_totals.usage_month is not distinct from fact_totals.usage_month
        and read_totals.cost_currency is not distinct from fact_totals.cost_currency
where
    read_totals.line_count is distinct from fact_totals.line_count
    or {{ differs('read_totals.cost_amount', 'fact_totals.cost_amount') }}
