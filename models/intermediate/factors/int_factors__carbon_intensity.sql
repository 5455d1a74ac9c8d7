{{ config(materialized='table') }}

-- One row per place and day: the carbon intensity of the narrowest place that has one, by subdivision (if
-- grid_level says so), country, zone and world. The row valid on the day counts; before the first row of that
-- place, the first one does (back-cast).

with

place_days as (
    select * from {{ ref('int_factors__place_days') }}
),

factors as (
    select * from {{ ref('carbon_intensity') }}
),

-- The places whose intensity may stand for a day, narrowest first. Usage routed inside a geography skips the
-- country if the geography has a figure of its own; usage routed anywhere takes the world's.
places as (
    select
        place_day_key,
        usage_date,
        1 as place_rank,
        subdivision_code as geo_code
    from place_days
    where place_level = 'region' and grid_level = 'subdivision'
    union all
    select
        place_day_key,
        usage_date,
        case place_level when 'region' then 2 else 4 end as place_rank,
        country_code as geo_code
    from place_days
    where place_level <> 'world'
    union all
    select
        place_day_key,
        usage_date,
        3 as place_rank,
        zone_code as geo_code
    from place_days
    where place_level <> 'world'
    union all
    select
        place_day_key,
        usage_date,
        5 as place_rank,
        'WORLD' as geo_code
    from place_days
),

candidates as (
    select
        places.place_day_key,
        factors.*,
        places.usage_date < factors.valid_from as is_backcast,
        row_number() over (
            partition by places.place_day_key
            order by places.place_rank, places.usage_date < factors.valid_from, factors.valid_from
        ) as choice
    from places
    inner join factors
        on
            places.geo_code = factors.geo_code
            and places.usage_date <= coalesce(factors.valid_to, date '9999-12-31')
)

select
    place_day_key,
    factor_id as carbon_intensity_factor_id,
    gco2e_per_kwh as carbon_intensity_gco2e_per_kwh,
    geo_level as intensity_basis,
    edition as intensity_edition,
    data_year as intensity_data_year,
    is_backcast as intensity_is_backcast
from candidates
where choice = 1
