-- Azure: quantities in equal the sum over all statuses out, per delivery, month and unit, the billed amounts of sound
-- usage lines times what their own price and unit say, against the fact. The multiplier is worked out anew here from
-- the reading of the line, not taken from the meter.

with

lines as (
    select lines.*
    from {{ ref('int_azure__usage_lines') }} as lines
    left join {{ ref('int_azure__covered_accounts') }} as covered_accounts
        on
            lines.source_delivery = covered_accounts.source_delivery
            and lines.account_id is not distinct from covered_accounts.account_id
            and lines.usage_month is not distinct from covered_accounts.usage_month
    where
        lines.is_usage
        and lines.usage_amount is not null
        and lines.usage_date is not null
        and lines.account_id is not null
        and lines.usage_month is not null
        and not covered_accounts.is_outranked
),

meters as (
    select * from {{ ref('int_azure__meters_classified') }}
),

quantities_in as (
    select
        lines.source_delivery,
        lines.usage_month,
        case
            when meters.quantity_per_unit is null then coalesce(lower(lines.unit_text), 'unknown')
            else meters.quantity_unit
        end as quantity_unit,
        sum(
            lines.usage_amount * case
                when meters.quantity_per_unit is null or lines.quantity_reading is distinct from 'blocks' then 1
                else lines.quantity_per_unit
            end
        ) as quantity
    from lines
    left join meters
        on lines.meter_key = meters.meter_key
    group by all
),

quantities_out as (
    select
        source_delivery,
        usage_month,
        quantity_unit,
        sum(quantity) as quantity
    from {{ ref('fct_ai_emissions') }}
    where source = 'microsoft_foundry' and quantity is not null
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
