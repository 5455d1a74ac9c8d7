-- Grain: source delivery x billing period x day x account x meter x model x resource x region x tier x scope x tags
-- x currency, and what the usage ended in. Every AI line of every input is in exactly one row; only rows with
-- status estimated carry energy, and it is computed here and nowhere else.

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
    {{ row_key([
        'source', 'source_delivery', 'usage_month', 'usage_date', 'billing_account_id', 'account_id', 'meter_name',
        'model_name_raw', 'model_id', 'model_variant', 'usage_kind', 'resource_id', 'region_billed', 'service_tier',
        'processing_scope', 'team', 'tags_json', 'cost_currency', 'quantity_unit', 'usage_quality', 'status',
        'status_reason', 'power_figure_id', 'power_confidence', 'wh_per_unit', 'place_day_key', 'modality',
    ]) }} as emission_id,
    source,
    source_delivery,
    usage_date,
    usage_month,
    billing_account_id,
    account_id,
    account_name,
    resource_id,
    team,
    tags_json,
    meter_name,
    model_name_raw,
    model_id,
    model_variant,
    model_provider,
    modality,
    usage_kind,
    service_tier,
    processing_scope,
    quantity,
    quantity_unit,
    usage_quality,
    line_count,
    cost_amount,
    cost_currency,
    status,
    status_reason,
    power_basis,
    power_confidence,
    power_figure_id,
    wh_per_unit,
    power_measured_on,
    power_is_backcast,
    power_source,
    psu_factor,
    psu_factor_id,
    transmission_factor,
    transmission_factor_id,
    pue,
    pue_basis,
    pue_is_backcast,
    pue_factor_id,
    region_billed,
    region_used,
    region_basis,
    country_code,
    carbon_intensity_gco2e_per_kwh,
    intensity_basis,
    intensity_edition,
    intensity_is_backcast,
    carbon_intensity_factor_id,
    it_kwh,
    facility_kwh,
    kwh,
    kwh * carbon_intensity_gco2e_per_kwh as gco2e,
    kwh_low,
    kwh_high,
    kwh_low * carbon_intensity_gco2e_per_kwh as gco2e_low,
    kwh_high * carbon_intensity_gco2e_per_kwh as gco2e_high,
    range_basis
from generated_energy
