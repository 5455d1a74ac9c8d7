-- One row per model, variant, host and day of usage whose input allows a bucket and whose model has a size: the average
-- of its bucket in the snapshot in force on that day, or in the first one before that (back-cast).

with

usage_days as (
    select * from {{ ref('int_power__usage_days') }}
    where allows_size_bucket
),

models as (
    select * from {{ ref('int_power__models') }}
),

figures as (
    select * from {{ ref('int_power__bucket_figures') }}
),

candidates as (
    select
        usage_days.usage_day_key,
        usage_days.usage_date,
        models.size_basis,
        figures.*,
        usage_days.usage_date < figures.measured_on as is_backcast,
        row_number() over (
            partition by usage_days.usage_day_key
            order by
                usage_days.usage_date < figures.measured_on,
                case when usage_days.usage_date < figures.measured_on then figures.measured_on end,
                figures.measured_on desc,
                figures.is_loaded desc,
                figures.power_figure_id asc
        ) as choice
    from usage_days
    inner join models
        on usage_days.model_id = models.model_id
    inner join figures
        on models.size_bucket = figures.size_bucket
)

select
    usage_day_key,
    power_figure_id,
    size_bucket,
    size_basis,
    member_count,
    wh_per_token as wh_per_unit,
    wh_per_token_low as wh_per_unit_low,
    wh_per_token_high as wh_per_unit_high,
    'smallest and largest member of the size bucket' as range_basis,
    measured_on,
    {{ is_old_figure('usage_date', 'values_since') }} as is_old,
    doubt,
    is_backcast,
    power_source
from candidates
where choice = 1
