-- Grain: closed month x source x model x region. What a month was closed with (highest revision) beside what it would
-- be today, and the difference by cause. Empty until a period is closed (scripts/close_period.py).

with

pairs as (
    select
        usage_month,
        max(closed_revision) as closed_revision,
        source,
        model_id,
        region_used,
        sum(closed_kwh) as closed_kwh,
        sum(current_kwh) as current_kwh,
        sum(closed_gco2e) as closed_gco2e,
        sum(current_gco2e) as current_gco2e
    from {{ ref('int_closed_periods__pairs') }}
    where closed_kwh is not null or current_kwh is not null
    group by usage_month, source, model_id, region_used
),

steps as (
    select
        usage_month,
        source,
        model_id,
        region_used,
        coalesce(sum(case when cause = 'usage' then step_kwh end), 0) as usage_kwh,
        coalesce(sum(case when cause = 'power_figure' then step_kwh end), 0) as power_figure_kwh,
        coalesce(sum(case when cause = 'factors' then step_kwh end), 0) as factors_kwh,
        coalesce(sum(case when cause = 'rules' then step_kwh end), 0) as rules_kwh,
        coalesce(sum(case when cause = 'usage' then step_gco2e end), 0) as usage_gco2e,
        coalesce(sum(case when cause = 'power_figure' then step_gco2e end), 0) as power_figure_gco2e,
        coalesce(sum(case when cause = 'factors' then step_gco2e end), 0) as factors_gco2e,
        coalesce(sum(case when cause = 'rules' then step_gco2e end), 0) as rules_gco2e
    from {{ ref('int_closed_periods__steps') }}
    group by usage_month, source, model_id, region_used
)

select
    pairs.usage_month,
    pairs.closed_revision,
    pairs.source,
    pairs.model_id,
    pairs.region_used,
    pairs.closed_kwh,
    pairs.current_kwh,
    coalesce(pairs.current_kwh, 0) - coalesce(pairs.closed_kwh, 0) as difference_kwh,
    steps.usage_kwh as difference_usage_kwh,
    steps.power_figure_kwh as difference_power_figure_kwh,
    steps.factors_kwh as difference_factors_kwh,
    steps.rules_kwh as difference_rules_kwh,
    pairs.closed_gco2e,
    pairs.current_gco2e,
    coalesce(pairs.current_gco2e, 0) - coalesce(pairs.closed_gco2e, 0) as difference_gco2e,
    steps.usage_gco2e as difference_usage_gco2e,
    steps.power_figure_gco2e as difference_power_figure_gco2e,
    steps.factors_gco2e as difference_factors_gco2e,
    steps.rules_gco2e as difference_rules_gco2e
from pairs
left join steps
    on
        pairs.usage_month = steps.usage_month
        and pairs.source = steps.source
        and pairs.model_id is not distinct from steps.model_id
        and pairs.region_used is not distinct from steps.region_used
