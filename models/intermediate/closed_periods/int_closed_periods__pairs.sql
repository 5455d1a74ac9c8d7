-- Grain: piece of usage of a closed month, with what it was closed with and what it is now, and what each possible
-- difference is put down to: the usage where its delivery holds other lines or cost than when the month was closed,
-- the power figure or the factors where those rows differ, and else the rules.

with

usage as (
    select * from {{ ref('int_closed_periods__usage') }}
),

closed as (
    select * from usage
    where side = 'closed'
),

present as (
    select * from usage
    where side = 'current'
),

unchanged_deliveries as (
    select
        usage_month,
        source_delivery
    from usage
    group by usage_month, source_delivery
    having
        sum(case when side = 'closed' then line_count end) = sum(case when side = 'current' then line_count end)
        and not coalesce({{ differs(
            "sum(case when side = 'closed' then cost_amount end)",
            "sum(case when side = 'current' then cost_amount end)"
        ) }}, false)
),

revisions as (
    select
        usage_month,
        max(closed_revision) as closed_revision
    from closed
    group by usage_month
)

select
    coalesce(closed.usage_month, present.usage_month) as usage_month,
    revisions.closed_revision,
    coalesce(closed.source, present.source) as source,
    coalesce(closed.model_id, present.model_id) as model_id,
    coalesce(closed.region_used, present.region_used) as region_used,
    closed.kwh as closed_kwh,
    present.kwh as current_kwh,
    closed.gco2e as closed_gco2e,
    present.gco2e as current_gco2e,
    closed.quantity as closed_quantity,
    present.quantity as current_quantity,
    closed.wh_per_unit as closed_wh_per_unit,
    present.wh_per_unit as current_wh_per_unit,
    closed.kwh_per_it_kwh as closed_kwh_per_it_kwh,
    present.kwh_per_it_kwh as current_kwh_per_it_kwh,
    closed.carbon_intensity_gco2e_per_kwh as closed_intensity,
    present.carbon_intensity_gco2e_per_kwh as current_intensity,
    case
        when unchanged_deliveries.source_delivery is null then 'usage'
        when closed.kwh is null and closed.status in ('no_power_figure', 'unsized_model') then 'power_figure'
        else 'rules'
    end as quantity_cause,
    case
        when
            coalesce(closed.model_id, '') = coalesce(present.model_id, '')
            and coalesce(closed.power_figure_id, '') <> coalesce(present.power_figure_id, '')
            then 'power_figure'
        else 'rules'
    end as figure_cause,
    case when coalesce(closed.region_used, '') = coalesce(present.region_used, '') then 'factors' else 'rules' end
        as factor_cause
from closed
full outer join present
    on closed.usage_key = present.usage_key
left join unchanged_deliveries
    on
        coalesce(present.source_delivery, closed.source_delivery) = unchanged_deliveries.source_delivery
        and coalesce(present.usage_month, closed.usage_month) = unchanged_deliveries.usage_month
left join revisions
    on coalesce(closed.usage_month, present.usage_month) = revisions.usage_month
