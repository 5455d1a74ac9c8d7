{{ config(materialized='table') }}

-- One row per source, model, variant and day of text usage that needs a power figure.

select distinct
    usage_day_key,
    source,
    serving_host,
    serving_hardware,
    allows_size_bucket,
    model_id,
    model_variant,
    usage_date
from {{ ref('int_usage') }}
where usage_day_key is not null
