-- All forms of Azure exports in one shape. Grain: as the reading models.

with

lines as (
    {{ union_by_name([ref('stg_azure__cost_details'), ref('stg_azure__focus')]) }}
),

price_currencies as (
    select * from {{ ref('int_azure__price_currencies') }}
),

charge_types as (
    select
        lower(charge_type) as charge_type,
        is_usage
    from {{ ref('charge_types') }}
)

select
    lines.*,
    case
        when lines.converted_unit_check is null or lines.converted_unit_check = lines.billed_unit_check
            then lines.billed_unit_check
        when price_currencies.price_currency = 'billing' then lines.billed_unit_check
        when price_currencies.price_currency = 'pricing' then lines.converted_unit_check
        -- Both currencies fit, and give different blocks.
        else 'open'
    end as unit_check,
    -- Pay-as-you-go files name no billing period: the folder of the export does, else the day.
    cast(date_trunc('month', coalesce(lines.billing_period, lines.delivered_period, lines.usage_date)) as date)
        as usage_month,
    charge_types.is_usage
from lines
left join price_currencies
    on lines.file_path = price_currencies.file_path
left join charge_types
    on lower(lines.charge_type) = charge_types.charge_type
where lines.line_count > 0
