{{ config(materialized='table') }}

-- One row per file that was read: what the AI lines in it add up to, in the units and currencies they are billed
-- in. Later models are held to these totals.

with

by_currency as (
    select
        file_path,
        source_delivery,
        coalesce(cost_currency, 'none') as cost_currency,
        sum(line_count) as line_count,
        sum(case when is_usage then usage_amount end) as usage_amount,
        sum(cost_amount) as cost_amount
    from {{ ref('int_aws__export_lines') }}
    group by file_path, source_delivery, coalesce(cost_currency, 'none')
)

select
    file_path,
    source_delivery,
    cast(sum(line_count) as bigint) as ai_line_count,
    sum(usage_amount) as usage_amount_total,
    {{ json_object_of('cost_currency', 'cost_amount') }} as cost_totals_json
from by_currency
group by file_path, source_delivery
