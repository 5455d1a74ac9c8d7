{{ config(materialized='table') }}

-- One row per place and day: the power supply and transmission factors. The document's constants, or per country
-- where transmission_factor_set says so; a country without a figure takes the world's.

with

place_days as (
    select * from {{ ref('int_factors__place_days') }}
),

factors as (
    select * from {{ ref('power_factors') }}
    where factor_name = 'transmission' or factor_set = 'document'
),

candidates as (
    select
        place_days.place_day_key,
        factors.factor_id,
        factors.factor_name,
        factors.factor,
        row_number() over (
            partition by place_days.place_day_key, factors.factor_name
            order by
                place_days.usage_date < factors.valid_from,
                factors.geo_level = 'world',
                factors.valid_from
        ) as choice
    from place_days
    inner join factors
        on
            place_days.usage_date <= coalesce(factors.valid_to, date '9999-12-31')
            and (factors.factor_name = 'power_supply' or place_days.transmission_factor_set = factors.factor_set)
            and (
                factors.geo_level = 'world'
                or (place_days.country_code = factors.geo_code and place_days.place_level <> 'world')
            )
)

select
    place_day_key,
    max(case when factor_name = 'power_supply' then factor end) as psu_factor,
    max(case when factor_name = 'power_supply' then factor_id end) as psu_factor_id,
    max(case when factor_name = 'transmission' then factor end) as transmission_factor,
    max(case when factor_name = 'transmission' then factor_id end) as transmission_factor_id
from candidates
where choice = 1
group by place_day_key
