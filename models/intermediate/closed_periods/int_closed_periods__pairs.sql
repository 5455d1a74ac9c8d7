-- Grain: piece of usage of a closed month, with what it was closed with and what it is now, and what each possible
-- difference is put down to: the usage where its account and day hold other lines or cost than when the month was
-- closed, the power figure or the factors where those rows differ, and else the rules.

with

usage as (
    select
        *,
        -- Of a bucket the size is a rule, its average in an edition is a figure.
        case when power_basis = 'size_bucket' then regexp_extract(power_figure_id, '[^:]+$', 0) end as size_bucket
    from {{ ref('int_closed_periods__usage') }}
),

closed as (
    select * from usage
    where side = 'closed'
),

present as (
    select * from usage
    where side = 'current'
),

-- Whichever delivery brought them: the same lines delivered anew are no restatement.
unchanged_days as (
    select
        usage_month,
        usage_date,
        source,
        account_id
    from usage
    group by usage_month, usage_date, source, account_id
    having
        sum(case when side = 'closed' then line_count end) = sum(case when side = 'current' then line_count end)
        and not coalesce({{ differs(
            "sum(case when side = 'closed' then cost_amount end)",
            "sum(case when side = 'current' then cost_amount end)"
        ) }}, false)
),

pairs as (
    select
        coalesce(closed.usage_month, present.usage_month) as usage_month,
        coalesce(closed.usage_date, present.usage_date) as usage_date,
        coalesce(closed.source, present.source) as source,
        coalesce(closed.account_id, present.account_id) as account_id,
        coalesce(closed.model_id, present.model_id) as model_id,
        coalesce(closed.region_used, present.region_used) as region_used,
        closed.closed_revision,
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
        coalesce(closed.model_id, '') = coalesce(present.model_id, '') as is_same_model,
        coalesce(closed.region_used, '') = coalesce(present.region_used, '') as is_same_region,
        coalesce(closed.power_figure_id, '') = coalesce(present.power_figure_id, '') as is_same_figure,
        coalesce(closed.size_bucket <> present.size_bucket, false) as is_other_size,
        -- Where one side has no energy: why not, and what the other one has.
        case when closed.kwh is null then closed.status else present.status end as status_without_energy,
        coalesce(closed.power_basis, present.power_basis) as power_basis,
        coalesce(closed.power_figure_id, present.power_figure_id) as power_figure_id
    from closed
    full outer join present
        on closed.usage_key = present.usage_key
)

select
    pairs.usage_month,
    max(pairs.closed_revision) over (partition by pairs.usage_month) as closed_revision,
    pairs.source,
    pairs.model_id,
    pairs.region_used,
    pairs.closed_kwh,
    pairs.current_kwh,
    pairs.closed_gco2e,
    pairs.current_gco2e,
    pairs.closed_quantity,
    pairs.current_quantity,
    pairs.closed_wh_per_unit,
    pairs.current_wh_per_unit,
    pairs.closed_kwh_per_it_kwh,
    pairs.current_kwh_per_it_kwh,
    pairs.closed_intensity,
    pairs.current_intensity,
    case
        when unchanged_days.source is null then 'usage'
        when not pairs.is_same_model or pairs.power_basis = 'size_bucket' then 'rules'
        when pairs.status_without_energy in ('no_power_figure', 'unsized_model') then 'power_figure'
        -- A loaded snapshot brings models of its own into the scope of Foundry.
        when pairs.status_without_energy = 'out_of_scope_model' and pairs.power_figure_id like 'snapshot:%'
            then 'power_figure'
        else 'rules'
    end as quantity_cause,
    case
        when pairs.is_same_model and not pairs.is_same_figure and not pairs.is_other_size then 'power_figure'
        else 'rules'
    end as figure_cause,
    case when pairs.is_same_region then 'factors' else 'rules' end as factor_cause
from pairs
left join unchanged_days
    on
        pairs.usage_month = unchanged_days.usage_month
        and pairs.usage_date is not distinct from unchanged_days.usage_date
        and pairs.source = unchanged_days.source
        and pairs.account_id is not distinct from unchanged_days.account_id
