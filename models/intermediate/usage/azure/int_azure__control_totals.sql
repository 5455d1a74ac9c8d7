{{ config(materialized='table') }}

-- One row per file that was read: what the AI lines in it add up to, in the units and currencies they are billed in,
-- and how many of them count for nothing because a better form holds the same subscription and month.

with

lines as (
    select * from {{ ref('int_azure__export_lines') }}
),

covered_accounts as (
    select * from {{ ref('int_azure__covered_accounts') }}
),

by_currency as (
    select
        lines.file_path,
        lines.source_delivery,
        coalesce(lines.cost_currency, 'none') as cost_currency,
        max(covered_accounts.outranked_by) as outranked_by,
        sum(case when covered_accounts.is_outranked then lines.line_count end) as outranked_line_count,
        sum(lines.line_count) as line_count,
        sum(case when lines.is_usage then lines.usage_amount end) as usage_amount,
        sum(lines.cost_amount) as cost_amount
    from lines
    left join covered_accounts
        on
            lines.source_delivery = covered_accounts.source_delivery
            and lines.account_id is not distinct from covered_accounts.account_id
            and lines.usage_month is not distinct from covered_accounts.usage_month
            and lines.usage_date is not distinct from covered_accounts.usage_date
    group by lines.file_path, lines.source_delivery, coalesce(lines.cost_currency, 'none')
)

select
    file_path,
    source_delivery,
    max(outranked_by) as outranked_by,
    cast(coalesce(sum(outranked_line_count), 0) as bigint) as outranked_line_count,
    cast(sum(line_count) as bigint) as ai_line_count,
    sum(usage_amount) as usage_amount_total,
    {{ json_object_of('cost_currency', 'cost_amount') }} as cost_totals_json
from by_currency
group by file_path, source_delivery
