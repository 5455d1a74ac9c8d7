-- Quantities in equal the sum over all statuses out, per delivery, month and unit: the billed amounts of sound
-- usage lines times their meter's multiplier, against the fact.

with

lines as (
    select * from {{ ref('int_aws__usage_lines') }}
    where
        is_usage
        and usage_amount is not null
        and usage_date is not null
        and account_id is not null
        and usage_month is not null
),

meters as (
    select * from {{ ref('int_aws__meters_classified') }}
),

rated_lines as (
    select
        lines.source_delivery,
        lines.usage_month,
        lines.usage_amount,
        case
            when meters.meter_status = 'unknown_unit' then coalesce(lower(meters.pricing_unit), 'unknown')
            else coalesce(meters.quantity_unit, 'unknown')
        end as quantity_unit,
        case when meters.meter_status = 'unknown_unit' then 1 else coalesce(meters.quantity_per_unit, 1) end
            as quantity_per_unit
    from lines
    left join meters
        on lines.meter_key = meters.meter_key
),

quantities_in as (
    select
        source_delivery,
        usage_month,
        quantity_unit,
        sum(usage_amount * quantity_per_unit) as quantity
    from rated_lines
    group by source_delivery, usage_month, quantity_unit
),

quantities_out as (
    select
        source_delivery,
        usage_month,
        quantity_unit,
        sum(quantity) as quantity
    from {{ ref('fct_ai_emissions') }}
    where source = 'aws_bedrock' and quantity is not null
    group by source_delivery, usage_month, quantity_unit
)

select
    quantities_in.*,
    quantities_out.quantity as fact_quantity
from quantities_in
full outer join quantities_out
    on
        quantities_in.source_delivery = quantities_out.source_delivery
        and quantities_in.usage_month = quantities_out.usage_month
        and quantities_in.quantity_unit = quantities_out.quantity_unit
where {{ differs('quantities_in.quantity', 'quantities_out.quantity') }}
