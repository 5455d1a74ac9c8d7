-- Usage of a day with the factors of its place and the name of its account. Grain: as int_usage_by_day.

with

usage as (
    select * from {{ ref('int_usage_by_day') }}
),

places as (
    select * from {{ ref('int_factors__places') }}
),

account_names as (
    select * from {{ ref('inputs__account_names') }}
)

select
    usage.*,
    account_names.account_name,
    places.region_used,
    places.region_basis,
    places.country_code,
    places.psu_factor,
    places.psu_factor_id,
    places.transmission_factor,
    places.transmission_factor_id,
    places.pue,
    places.pue_basis,
    places.pue_is_backcast,
    places.pue_factor_id,
    places.carbon_intensity_gco2e_per_kwh,
    places.intensity_basis,
    places.intensity_edition,
    places.intensity_data_year,
    places.intensity_is_backcast,
    places.carbon_intensity_factor_id
from usage
left join places
    on usage.place_day_key = places.place_day_key
left join account_names
    on usage.account_id = account_names.account_id
