-- One row per thing to look at, with the share of all cost or emissions it touches. What is said about each stands in
-- findings.py; nothing is listed that was not found.

with

total as (
    select
        sum(gco2e) as gco2e,
        sum(cost_amount) as cost
    from fct_ai_emissions
),

in_number as (
    select
        fct.*,
        models.size_basis
    from fct_ai_emissions as fct
    left join dim_models as models
        on fct.model_id = models.model_id
    where fct.status = 'estimated'
),

currency_totals as (
    select
        cost_currency,
        sum(cost_amount) as cost
    from ai_usage_coverage
    group by cost_currency
),

uncovered as (
    select
        'status' as topic,
        coverage.status as subject,
        coverage.cost_currency as detail,
        sum(coverage.cost_amount) as amount,
        sum(coverage.cost_amount) / nullif(max(currency_totals.cost), 0) as share
    from ai_usage_coverage as coverage
    inner join currency_totals
        on coverage.cost_currency = currency_totals.cost_currency
    where coverage.status not in ('estimated', 'excluded_charge', 'not_model_usage', 'billed_elsewhere')
    group by coverage.status, coverage.cost_currency
    qualify row_number() over (partition by coverage.status order by share desc, coverage.cost_currency asc) = 1
),

unmapped as (
    select
        'unmapped' as topic,
        unmapped.unresolved_text as subject,
        unmapped.cost_currency as detail,
        unmapped.cost_amount as amount,
        unmapped.cost_amount / nullif(currency_totals.cost, 0) as share
    from ai_usage_unmapped as unmapped
    inner join currency_totals
        on unmapped.cost_currency = currency_totals.cost_currency
    where unmapped.status <> 'no_power_figure'
    order by share desc, unmapped.size_rank
    limit 1
),

weak_models as (
    select
        'low_confidence' as topic,
        model_id as subject,
        null as detail,
        sum(gco2e) as amount
    from in_number
    where power_confidence = 'low'
    group by model_id
    order by amount desc, model_id
    limit 1
),

assumed as (
    select
        'assumed_size' as topic,
        cast(count(distinct model_id) as varchar) as subject,
        null as detail,
        sum(gco2e) as amount
    from in_number
    where power_basis = 'size_bucket' and size_basis = 'assumed'
),

backcast as (
    select
        'backcast' as topic,
        null as subject,
        null as detail,
        sum(gco2e) as amount
    from in_number
    where power_is_backcast
),

old_figures as (
    select
        'old_figure' as topic,
        null as subject,
        cast(max(date_diff('day', power_measured_on, usage_date)) as varchar) as detail,
        sum(gco2e) as amount
    from in_number
    where
        date_diff('day', power_measured_on, usage_date)
        > (select max(try_cast(setting_value as integer)) from method_settings where setting = 'old_figure_days')
),

open_units as (
    select
        'open_unit' as topic,
        null as subject,
        null as detail,
        sum(gco2e) as amount
    from in_number
    where usage_quality in ('unit_unverifiable', 'unit_assumed')
),

no_team as (
    select
        'no_team' as topic,
        null as subject,
        null as detail,
        sum(gco2e) as amount
    from in_number
    where team is null
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

cached as (
    select
        'cached_reads' as topic,
        null as subject,
        null as detail,
        sum(gco2e) as amount
    from in_number
    where usage_kind = 'cache_read'
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

of_emissions as (
    select * from weak_models
    union all
    select * from assumed
    union all
    select * from backcast
    union all
    select * from old_figures
    union all
    select * from open_units
    union all
    select * from no_team
    union all
    select * from dirtiest_region
    union all
    select * from concentration
    union all
    select * from cached
    union all
    select * from movers
)

select *
from uncovered
where amount > 0
union all
select *
from unmapped
where amount > 0
union all
select
    of_emissions.*,
    abs(of_emissions.amount) / nullif(total.gco2e, 0) as share
from of_emissions
cross join total
where of_emissions.amount is not null and of_emissions.amount <> 0
order by share desc nulls last, topic, subject
