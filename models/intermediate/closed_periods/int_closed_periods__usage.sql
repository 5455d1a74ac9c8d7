-- Usage of closed months, as it was closed (highest revision) and as it is now. Grain: side x piece of usage. Figures
-- and factors are those of all its rows together, weighted as they count, so that the parts of a difference add up
-- where two of them serve one piece; the plain ones where nothing is there to weigh with.

with

closed as (
    select
        *,
        dense_rank() over (partition by usage_month order by closed_revision desc) as revision_rank
    from {{ ref('stg_closed_periods__emissions') }}
),

current_facts as (
    select * from {{ ref('int_emissions') }}
    where usage_month in (select closed.usage_month from closed)
),

both_sides as (
    select
        'closed' as side,
        {{ usage_key() }} as usage_key,
        closed_revision,
        usage_month,
        usage_date,
        source,
        account_id,
        model_id,
        region_used,
        power_figure_id,
        power_basis,
        status,
        line_count,
        cost_amount,
        quantity,
        it_kwh,
        wh_per_unit,
        psu_factor,
        pue,
        transmission_factor,
        carbon_intensity_gco2e_per_kwh,
        kwh,
        gco2e
    from closed
    where revision_rank = 1
    union all
    select
        'current' as side,
        {{ usage_key() }} as usage_key,
        cast(null as integer) as closed_revision,
        usage_month,
        usage_date,
        source,
        account_id,
        model_id,
        region_used,
        power_figure_id,
        power_basis,
        status,
        line_count,
        cost_amount,
        quantity,
        it_kwh,
        wh_per_unit,
        psu_factor,
        pue,
        transmission_factor,
        carbon_intensity_gco2e_per_kwh,
        kwh,
        gco2e
    from current_facts
)

select
    side,
    usage_key,
    usage_month,
    usage_date,
    source,
    account_id,
    max(closed_revision) as closed_revision,
    max(model_id) as model_id,
    max(region_used) as region_used,
    {{ text_list('power_figure_id', "'; '", order_by='power_figure_id', distinct=true) }} as power_figure_id,
    max(power_basis) as power_basis,
    max(case when quantity is not null then status end) as status,
    cast(sum(line_count) as bigint) as line_count,
    sum(cost_amount) as cost_amount,
    sum(case when kwh is not null then quantity end) as quantity,
    coalesce(sum(it_kwh) / nullif(sum(case when kwh is not null then quantity end), 0) * 1000, max(wh_per_unit))
        as wh_per_unit,
    coalesce(sum(kwh) / nullif(sum(it_kwh), 0), max(psu_factor * pue * transmission_factor)) as kwh_per_it_kwh,
    coalesce(sum(gco2e) / nullif(sum(kwh), 0), max(carbon_intensity_gco2e_per_kwh)) as carbon_intensity_gco2e_per_kwh,
    sum(kwh) as kwh,
    sum(gco2e) as gco2e
from both_sides
group by side, usage_key, usage_month, usage_date, source, account_id
