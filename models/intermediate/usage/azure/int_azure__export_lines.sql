-- All forms of Azure exports in one shape. Grain: as the reading models.

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
)

select
    lines.*,
    -- Pay-as-you-go files name no billing period: the folder of the export does, else the day.
    cast(date_trunc('month', coalesce(lines.billing_period, lines.delivered_period, lines.usage_date)) as date)
        as usage_month,
    charge_types.is_usage
from lines
left join charge_types
    on lower(lines.charge_type) = charge_types.charge_type
