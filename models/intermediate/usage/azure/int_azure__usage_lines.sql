{{ config(
    materialized='incremental',
    meta={'months_from': ['int_usage_months']},
    pre_hook='{{ forget_months() }}',
    post_hook='{{ remember_months() }}'
) }}

-- Grain: delivery x billing period x day x subscription x meter x unit x reading of the quantity x resource x tags x
-- line type: lines of a day that differ only in the file they stand in become one. The key of the meter is made of
-- everything that decides how a line is understood, so that each distinct meter is parsed once.
-- depends_on: {{ ref('int_usage_months') }}

with

export_lines as (
    select * from {{ ref('int_azure__export_lines') }}
),

file_readings as (
    select * from {{ ref('int_azure__file_readings') }}
),

lines as (
    select
        export_lines.source_delivery,
        export_lines.usage_month,
        export_lines.usage_date,
        export_lines.account_id,
        export_lines.charge_type,
        export_lines.is_usage,
        export_lines.meter_category,
        export_lines.meter_subcategory,
        export_lines.meter_name,
        export_lines.product_name,
        export_lines.plan_name,
        export_lines.publisher_name,
        export_lines.is_marketplace,
        export_lines.unit_text,
        export_lines.base_unit,
        export_lines.quantity_per_unit,
        export_lines.quantity_basis,
        export_lines.unit_check,
        export_lines.usual_reading,
        -- A line that proves nothing (cost or price 0) is read as the others of its file are.
        case
            when export_lines.unit_check in ('blocks', 'single_units') then export_lines.unit_check
            -- A fraction is one of blocks, unless the prices of its file say that single units are counted.
            when export_lines.unit_check = 'fraction' and coalesce(file_readings.file_reading, 'blocks') = 'blocks'
                then 'blocks'
            when export_lines.unit_check = 'no_price' and not coalesce(file_readings.is_contradictory, false)
                then coalesce(file_readings.file_reading, export_lines.usual_reading)
        end as quantity_reading,
        export_lines.region,
        export_lines.resource_id,
        export_lines.tags,
        cast(null as string) as cost_categories,
        export_lines.cost_currency,
        export_lines.unreadable_amount,
        cast(sum(export_lines.line_count) as bigint) as line_count,
        sum(export_lines.usage_amount) as usage_amount,
        sum(export_lines.cost_amount) as cost_amount
    from export_lines
    left join file_readings
        on export_lines.file_path = file_readings.file_path
    where {{ is_due('export_lines.usage_month') }}
    group by all
)

select
    *,
    {{ row_key([
        'meter_category', 'meter_subcategory', 'meter_name', 'product_name', 'plan_name', 'publisher_name',
        'is_marketplace', 'unit_text', 'base_unit', 'quantity_per_unit', 'quantity_basis', 'unit_check',
        'usual_reading', 'quantity_reading', 'region',
    ]) }} as meter_key,
    {{ row_key(['tags', 'cost_categories']) }} as tag_group_key
from lines
