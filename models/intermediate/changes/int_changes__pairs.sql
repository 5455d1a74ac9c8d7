-- One row per cell of a month or of the month before it, both sides beside each other, with how much the usage of that
-- source and unit grew as a whole. The first month of all has nothing to be compared with and is left out.

with

-- Where corrections take back all but a millionth of the quantity, what is left says nothing per unit.
cells as (
    select
        *,
        case when abs(quantity) > 1e-6 * gross_quantity then quantity end as quantity_to_divide_by
    from {{ ref('int_changes__cells') }}
),

months as (
    select
        min(usage_month) as first_month,
        max(usage_month) as last_month
    from cells
),

earlier as (
    select
        cast(usage_month + interval 1 month as date) as next_month,
        *
    from cells
),

paired as (
    select
        coalesce(cells.usage_month, earlier.next_month) as usage_month,
        coalesce(cells.source, earlier.source) as source,
        coalesce(cells.quantity_unit, earlier.quantity_unit) as quantity_unit,
        coalesce(cells.quantity, 0) as quantity,
        coalesce(earlier.quantity, 0) as earlier_quantity,
        cells.it_kwh / cells.quantity_to_divide_by as it_kwh_per_unit,
        earlier.it_kwh / earlier.quantity_to_divide_by as earlier_it_kwh_per_unit,
        cells.kwh / nullif(cells.it_kwh, 0) as kwh_per_it_kwh,
        earlier.kwh / nullif(earlier.it_kwh, 0) as earlier_kwh_per_it_kwh,
        cells.gco2e / nullif(cells.kwh, 0) as gco2e_per_kwh,
        earlier.gco2e / nullif(earlier.kwh, 0) as earlier_gco2e_per_kwh,
        coalesce(cells.kwh, 0) as kwh,
        coalesce(earlier.kwh, 0) as earlier_kwh,
        coalesce(cells.gco2e, 0) as gco2e,
        coalesce(earlier.gco2e, 0) as earlier_gco2e
    from cells
    full outer join earlier
        on
            cells.usage_month = earlier.next_month
            and cells.cell_key = earlier.cell_key
)

select
    paired.*,
    sum(paired.quantity) over unit_of_month / nullif(sum(paired.earlier_quantity) over unit_of_month, 0) as growth
from paired
cross join months
where paired.usage_month > months.first_month and paired.usage_month <= months.last_month
window unit_of_month as (partition by paired.usage_month, paired.source, paired.quantity_unit)
