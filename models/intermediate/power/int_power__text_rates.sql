{{ config(materialized='table') }}

-- One row per usage day of a text model: its measured figure, else the average of its size bucket, else neither.
-- How sure the figure is: high for a measurement of the very version in force on that day, medium for a measurement
-- that stands in for it and for well-filled buckets of a known size, low for the rest and for figures that are old or
-- doubtful.

with

usage_days as (
    select * from {{ ref('int_power__usage_days') }}
),

measured as (
    select * from {{ ref('int_power__measured_rates') }}
),

bucketed as (
    select * from {{ ref('int_power__bucket_rates') }}
)

select
    usage_days.usage_day_key,
    case
        when measured.usage_day_key is not null then 'measured'
        when bucketed.usage_day_key is not null then 'size_bucket'
    end as power_basis,
    case
        when measured.is_old or measured.doubt is not null then 'low'
        when measured.is_exact_variant and not measured.is_backcast then 'high'
        when measured.usage_day_key is not null then 'medium'
        when
            not coalesce(bucketed.is_old, false)
            and bucketed.doubt is null
            and bucketed.size_basis in ('published', 'dataset_class')
            and bucketed.member_count >= {{ var('min_bucket_members') }}
            then 'medium'
        when bucketed.usage_day_key is not null then 'low'
    end as power_confidence,
    case when measured.usage_day_key is null then bucketed.size_bucket end as size_bucket,
    coalesce(measured.power_figure_id, bucketed.power_figure_id) as power_figure_id,
    coalesce(measured.wh_per_unit, bucketed.wh_per_unit) as wh_per_unit,
    case when measured.usage_day_key is not null then measured.wh_per_unit_low else bucketed.wh_per_unit_low end
        as wh_per_unit_low,
    case when measured.usage_day_key is not null then measured.wh_per_unit_high else bucketed.wh_per_unit_high end
        as wh_per_unit_high,
    case when measured.usage_day_key is not null then measured.range_basis else bucketed.range_basis end as range_basis,
    coalesce(measured.measured_on, bucketed.measured_on) as power_measured_on,
    coalesce(measured.is_backcast, bucketed.is_backcast) as power_is_backcast,
    coalesce(measured.power_source, bucketed.power_source) as power_source
from usage_days
left join measured
    on usage_days.usage_day_key = measured.usage_day_key
left join bucketed
    on usage_days.usage_day_key = bucketed.usage_day_key
