-- One row per file that was read: what the AI lines in it add up to, in the units and currencies they are billed
-- in. Later models are held to these totals.

with

totals as (
    {{ union_by_name([
        ref('stg_aws__cur2'), ref('stg_aws__cur_legacy_csv'), ref('stg_aws__cur_legacy_parquet'), ref('stg_aws__focus'),
    ]) }}
),

charge_types as (
    select * from {{ ref('charge_types') }}
),

by_currency as (
    select
        totals.file_path,
        totals.source_delivery,
        coalesce(totals.cost_currency, 'none') as cost_currency,
        sum(totals.line_count) as line_count,
        sum(case when charge_types.is_usage then totals.usage_amount end) as usage_amount,
        sum(totals.cost_amount) as cost_amount
    from totals
    left join charge_types
        on totals.charge_type = charge_types.charge_type
    where totals.is_file_total and totals.line_count > 0
    group by totals.file_path, totals.source_delivery, coalesce(totals.cost_currency, 'none')
)

select
    file_path,
    source_delivery,
    cast(sum(line_count) as bigint) as ai_line_count,
    sum(usage_amount) as usage_amount_total,
    {{ json_object_of('cost_currency', 'cost_amount') }} as cost_totals_json
from by_currency
group by file_path, source_delivery
