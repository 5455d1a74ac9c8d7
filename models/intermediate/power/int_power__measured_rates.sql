-- One row per model, variant, host and day of usage whose model is measured: the figure in force on that day, which
-- is the newest one measured on or before it; before the first measurement, the first one (back-cast). Among the
-- figures of one model the exact variant wins, then the default row; the same host wins over the same hardware,
-- that over the maker's own endpoint.

with

usage_days as (
    select * from {{ ref('int_power__usage_days') }}
),

models as (
    select * from {{ ref('int_power__models') }}
),

figures as (
    select * from {{ ref('int_power__figures') }}
),

candidates as (
    select
        usage_days.usage_day_key,
        usage_days.usage_date,
        figures.*,
        usage_days.usage_date < figures.measured_on as is_backcast,
        coalesce(figures.variant, '') = coalesce(usage_days.model_variant, '') as is_exact_variant,
        figures.host = usage_days.serving_host as is_same_host,
        row_number() over (
            partition by usage_days.usage_day_key
            order by
                usage_days.usage_date < figures.measured_on,
                -- Only back-cast figures: the earliest, so that a newer snapshot never changes an older month.
                case when usage_days.usage_date < figures.measured_on then figures.measured_on end,
                coalesce(figures.variant, '') <> coalesce(usage_days.model_variant, ''),
                coalesce(figures.variant, '') <> coalesce(models.default_variant, ''),
                figures.host is distinct from usage_days.serving_host,
                figures.hardware is distinct from usage_days.serving_hardware,
                figures.host is distinct from models.model_provider,
                figures.measured_on desc,
                figures.is_loaded desc,
                figures.power_figure_id asc
        ) as choice
    from usage_days
    inner join figures
        on usage_days.model_id = figures.model_id
    left join models
        on usage_days.model_id = models.model_id
)

select
    usage_day_key,
    power_figure_id,
    wh_per_token as wh_per_unit,
    wh_per_token_low as wh_per_unit_low,
    wh_per_token_high as wh_per_unit_high,
    range_basis,
    measured_on,
    {{ is_old_figure('usage_date', 'values_since') }} as is_old,
    doubt,
    is_backcast,
    is_exact_variant,
    is_same_host,
    power_source
from candidates
where choice = 1
