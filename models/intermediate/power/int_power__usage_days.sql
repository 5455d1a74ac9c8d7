{{ config(materialized='table') }}

-- One row per source, model, variant and day that a power figure is looked up for: the text usage itself; the end of
-- time, whose figures are the newest; and every model in use, which other usage might move to (int_what_if__moves).

with

usage as (
    select distinct
        source,
        serving_host,
        serving_hardware,
        allows_size_bucket,
        model_id,
        model_variant,
        usage_date
    from {{ ref('int_usage') }}
    where usage_day_key is not null
),

models_in_use as (
    select distinct model_id from usage
),

months as (
    select * from {{ ref('int_what_if__months') }}
),

usage_days as (
    select * from usage
    union
    select
        source,
        serving_host,
        serving_hardware,
        allows_size_bucket,
        model_id,
        model_variant,
        {{ end_of_time() }} as usage_date
    from usage
    union
    select
        months.source,
        months.serving_host,
        months.serving_hardware,
        months.allows_size_bucket,
        models_in_use.model_id,
        cast(null as string) as model_variant,
        months.usage_date
    from months
    cross join models_in_use
)

select
    {{ usage_day_key() }} as usage_day_key,
    *
from usage_days
