{{ config(materialized='table') }}

-- All forms of Azure exports in one shape. Grain: as the reading models. Adds the reading of the quantity, the key of
-- the meter (everything that decides how a line is understood, so that each distinct meter is parsed once) and whether
-- a better form holds the same subscription and month.

with

lines as (
    select * from {{ ref('stg_azure__cost_details') }}
    union all by name
    select * from {{ ref('stg_azure__focus') }}
),

charge_types as (
    select
        lower(charge_type) as charge_type,
        is_usage
    from {{ ref('charge_types') }}
),

described as (
    select
        lines.*,
        -- Pay-as-you-go files name no billing period: the folder of the export does, else the day.
        cast(date_trunc('month', coalesce(lines.billing_period, lines.delivered_period, lines.usage_date)) as date)
            as usage_month,
        charge_types.is_usage,
        case when charge_types.is_usage and lines.unit_check in ('blocks', 'single_units') then lines.unit_check end
            as proven_reading
    from lines
    left join charge_types
        on lower(lines.charge_type) = charge_types.charge_type
),

-- A row that proves nothing (cost or price 0) is read as all the others of its file are, then of its delivery.
neighbours as (
    select
        *,
        min(proven_reading) over (partition by file_path) as first_in_file,
        max(proven_reading) over (partition by file_path) as last_in_file,
        min(proven_reading) over (partition by source_delivery) as first_in_delivery,
        max(proven_reading) over (partition by source_delivery) as last_in_delivery
    from described
),

read as (
    select
        *,
        case
            when unit_check in ('blocks', 'single_units') then unit_check
            when unit_check = 'fraction' then 'blocks'
            when unit_check = 'no_price' and first_in_file = last_in_file then first_in_file
            when unit_check = 'no_price' and first_in_file is null and first_in_delivery = last_in_delivery
                then first_in_delivery
            when unit_check = 'no_price' then usual_reading
        end as quantity_reading
    from neighbours
)

select
    source_delivery,
    file_path,
    usage_month,
    usage_date,
    account_id,
    charge_type,
    is_usage,
    meter_category,
    meter_subcategory,
    meter_name,
    product_name,
    plan_name,
    publisher_name,
    is_marketplace,
    unit_text,
    base_unit,
    quantity_per_unit,
    quantity_basis,
    unit_check,
    usual_reading,
    quantity_reading,
    region,
    resource_id,
    tags,
    cast(null as varchar) as cost_categories,
    cost_currency,
    unreadable_amount,
    line_count,
    usage_amount,
    cost_amount,
    {{ row_key([
        'meter_category', 'meter_subcategory', 'meter_name', 'product_name', 'plan_name', 'publisher_name',
        'is_marketplace', 'unit_text', 'base_unit', 'quantity_per_unit', 'quantity_basis', 'unit_check',
        'usual_reading', 'quantity_reading', 'region',
    ]) }} as meter_key,
    {{ row_key(['tags', 'cast(null as varchar)']) }} as tag_group_key
from read
