{{ config(materialized='table') }}

-- One row per place, day and set of factors that anything is computed with: usage as this build and as every other
-- choice of method places it, and the places it might move to (int_what_if__places).

with

usage as (
    select distinct
        cloud_provider,
        region_billed,
        processing_scope,
        usage_date
    from {{ ref('int_usage') }}
    where place_day_key is not null
),

methods as (
    select distinct
        location_policy,
        grid_level,
        transmission_factor_set
    from {{ ref('int_choices__methods') }}
),

regions as (
    select * from {{ ref('regions') }}
),

place_days as (
    select
        usage.cloud_provider,
        usage.region_billed,
        {{ place_level('methods.location_policy', 'usage.processing_scope', 'usage.cloud_provider') }} as place_level,
        methods.grid_level,
        methods.transmission_factor_set,
        usage.usage_date
    from usage
    cross join methods
    union
    select
        cloud_provider,
        region_billed,
        place_level,
        grid_level,
        transmission_factor_set,
        usage_date
    from {{ ref('int_what_if__places') }}
)

select
    {{ place_day_key() }} as place_day_key,
    place_days.*,
    regions.country_code,
    regions.subdivision_code,
    regions.zone_code,
    regions.pue_geography
from place_days
left join regions
    on
        place_days.cloud_provider = regions.provider
        and place_days.region_billed = regions.region_code
