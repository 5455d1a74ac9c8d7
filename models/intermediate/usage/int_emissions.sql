-- Energy and emissions of usage, computed here and nowhere else. Grain: as int_usage_by_day. Rows without a figure
-- have no energy: every product with NULL is NULL.

with

usage as (
    select * from {{ ref('int_usage_with_factors') }}
),

it_energy as (
    select
        *,
        quantity * wh_per_unit / 1000 as it_kwh,
        quantity * wh_per_unit_low / 1000 as it_kwh_low,
        quantity * wh_per_unit_high / 1000 as it_kwh_high
    from usage
),

-- The PUE of the place once: the one inside the power figure has been divided out (int_power__figures).
facility_energy as (
    select
        *,
        it_kwh * psu_factor * pue as facility_kwh,
        it_kwh_low * psu_factor * pue as facility_kwh_low,
        it_kwh_high * psu_factor * pue as facility_kwh_high
    from it_energy
),

generated_energy as (
    select
        *,
        facility_kwh * transmission_factor as kwh,
        facility_kwh_low * transmission_factor as kwh_low,
        facility_kwh_high * transmission_factor as kwh_high
    from facility_energy
)

select
    *,
    kwh * carbon_intensity_gco2e_per_kwh as gco2e,
    kwh_low * carbon_intensity_gco2e_per_kwh as gco2e_low,
    kwh_high * carbon_intensity_gco2e_per_kwh as gco2e_high
from generated_energy
