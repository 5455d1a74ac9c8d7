-- All forms of AWS exports in one shape: their rows of usage. Grain: as the reading models.

with

lines as (
    {{ union_by_name([
        ref('stg_aws__cur2'), ref('stg_aws__cur_legacy_csv'), ref('stg_aws__cur_legacy_parquet'), ref('stg_aws__focus'),
    ]) }}
),

charge_types as (
    select * from {{ ref('charge_types') }}
)

select
    {{ all_but(['file_path', 'is_file_total'], 'lines') }},
    cast(date_trunc('month', coalesce(lines.billing_period, lines.delivered_period)) as date) as usage_month,
    charge_types.is_usage
from lines
left join charge_types
    on lines.charge_type = charge_types.charge_type
where not lines.is_file_total
