-- One row per thing to look at that makes emissions unsure, with its share of them.

with

in_number as (
    select
        fct.*,
        models.size_basis
    from fct_ai_emissions as fct
    left join dim_models as models
        on fct.model_id = models.model_id
    where fct.status = 'estimated'
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

cached as (
    select
        'cached_reads' as topic,
        null as subject,
        null as detail,
        sum(gco2e) as amount
    from in_number
    where
        usage_kind = 'cache_read'
        -- A build that gives cached reads less weight has answered this doubt.
        and 1 = (select max(try_cast(setting_value as double)) from method_settings where setting = 'cache_read_weight')
),

found as (
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
    select * from cached
)

select
    *,
    abs(amount) / nullif((select sum(gco2e) from in_number), 0) as share
from found
where amount <> 0
