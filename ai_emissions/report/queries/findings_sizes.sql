-- One row per thing to look at because it is large or moves: region, model, change.

with

in_number as (
    select *
    from fct_ai_emissions
    where status = 'estimated'
),

dirtiest_region as (
    select
        'region' as topic,
        array_to_string(list_slice(list_sort(list(distinct region_used)), 1, 3), ', ')
        || case when count(distinct region_used) > 3 then ' and others' else '' end as subject,
        cast(carbon_intensity_gco2e_per_kwh as varchar) as detail,
        sum(gco2e) as amount
    from in_number
    where region_used is not null
    group by carbon_intensity_gco2e_per_kwh
    order by carbon_intensity_gco2e_per_kwh desc
    limit 1
),

concentration as (
    select
        'largest_model' as topic,
        model_id as subject,
        null as detail,
        sum(gco2e) as amount
    from in_number
    group by model_id
    order by amount desc, model_id
    limit 1
),

movers as (
    select
        'mover' as topic,
        model_id as subject,
        null as detail,
        coalesce(sum(gco2e) filter (where usage_month = months.newest), 0)
        - coalesce(sum(gco2e) filter (where usage_month = months.previous), 0) as amount
    from in_number
    cross join (
        select
            max(usage_month) as newest,
            max(usage_month) filter (where usage_month < (select max(usage_month) from in_number)) as previous
        from in_number
    ) as months
    where months.previous is not null
    group by model_id
    order by abs(amount) desc, model_id
    limit 1
),

found as (
    select * from dirtiest_region
    union all
    select * from concentration
    union all
    select * from movers
)

select
    *,
    abs(amount) / nullif((select sum(gco2e) from in_number), 0) as share
from found
where amount <> 0
