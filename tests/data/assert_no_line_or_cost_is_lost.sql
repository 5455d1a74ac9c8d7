-- Lines and cost as they were read from the files equal lines and cost of the fact, per delivery, month and
-- currency. A join that drops or doubles usage, or a status that swallows it, shows here. Azure lines that a better
-- form of export holds too are left out on both sides.

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
    where is_file_total and line_count > 0
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

azure_lines_read as (
    {% for model in ['stg_azure__cost_details', 'stg_azure__focus'] %}
    select
        source_delivery,
        account_id,
        date_trunc('month', coalesce(billing_period, delivered_period, usage_date)) as usage_month,
        usage_date,
        cost_currency,
        line_count,
        cost_amount
    from {{ ref(model) }}
    where line_count > 0
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

outranked as (
    select * from {{ ref('int_azure__covered_accounts') }}
    where is_outranked
),

all_lines_read as (
    select * from lines_read
    union all
    select
        azure_lines_read.source_delivery,
        azure_lines_read.usage_month,
        azure_lines_read.cost_currency,
        azure_lines_read.line_count,
        azure_lines_read.cost_amount
    from azure_lines_read
    left join outranked
        on
            azure_lines_read.source_delivery = outranked.source_delivery
            and azure_lines_read.account_id is not distinct from outranked.account_id
            and azure_lines_read.usage_month is not distinct from outranked.usage_month
            and azure_lines_read.usage_date is not distinct from outranked.usage_date
    where outranked.source_delivery is null
),

read_totals as (
    select
        source_delivery,
        usage_month,
        cost_currency,
        sum(line_count) as line_count,
        sum(cost_amount) as cost_amount
    from all_lines_read
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
    where source in ('aws_bedrock', 'microsoft_foundry')
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
