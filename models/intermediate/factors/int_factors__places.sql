{{ config(materialized='table') }}

-- One row per place and day of usage: every factor of the place, where it comes from, and the place itself.

with

place_days as (
    select * from {{ ref('int_factors__place_days') }}
),

pue as (
    select * from {{ ref('int_factors__pue') }}
),

carbon_intensity as (
    select * from {{ ref('int_factors__carbon_intensity') }}
),

power as (
    select * from {{ ref('int_factors__power') }}
)

select
    place_days.place_day_key,
    case place_days.place_level
        when 'region' then place_days.region_billed
        when 'geography' then coalesce(place_days.zone_code, place_days.pue_geography, place_days.region_billed)
        else 'world'
    end as region_used,
    case place_days.place_level
        when 'region' then 'billed_region'
        when 'geography' then 'routed_in_geography'
        else case when place_days.region_billed is null then 'place_unknown' else 'routed_globally' end
    end as region_basis,
    case when place_days.place_level <> 'world' then place_days.country_code end as country_code,
    power.psu_factor,
    power.psu_factor_id,
    power.transmission_factor,
    power.transmission_factor_id,
    pue.pue,
    pue.pue_basis,
    pue.pue_is_backcast,
    pue.pue_factor_id,
    carbon_intensity.carbon_intensity_gco2e_per_kwh,
    carbon_intensity.intensity_basis,
    carbon_intensity.intensity_edition,
    carbon_intensity.intensity_data_year,
    carbon_intensity.intensity_is_backcast,
    carbon_intensity.carbon_intensity_factor_id
from place_days
left join pue
    on place_days.place_day_key = pue.place_day_key
left join carbon_intensity
    on place_days.place_day_key = carbon_intensity.place_day_key
left join power
    on place_days.place_day_key = power.place_day_key
