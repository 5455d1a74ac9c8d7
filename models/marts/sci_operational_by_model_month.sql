-- Grain: month x model x functional unit. Operational emissions per functional unit, with the parts they are made of:
-- O = E x I over R. R, E and O add up over months and models; the rates do not, so divide the sums. No SCI score:
-- embodied emissions and most of the boundary are missing, and say so.

with

emissions as (
    select * from {{ ref('fct_ai_emissions') }}
),

functional_units as (
    select * from {{ ref('functional_units') }}
),

parts as (
    select
        emissions.usage_month,
        emissions.model_provider,
        emissions.model_id,
        emissions.modality,
        functional_units.functional_unit,
        functional_units.boundary,
        functional_units.not_included,
        functional_units.quantification,
        sum(case when emissions.status = 'estimated' then emissions.quantity end)
        / functional_units.quantity_per_functional_unit as functional_units,
        -- Training is no unit of use, and what another input bills is counted there.
        sum(
            case
                when emissions.status not in ('estimated', 'not_model_usage', 'billed_elsewhere')
                    then emissions.quantity
            end
        )
        / functional_units.quantity_per_functional_unit as functional_units_without_estimate,
        sum(emissions.kwh) as operational_kwh,
        sum(emissions.gco2e) as operational_gco2e,
        sum(coalesce(emissions.gco2e_low, emissions.gco2e)) as operational_gco2e_low,
        sum(coalesce(emissions.gco2e_high, emissions.gco2e)) as operational_gco2e_high,
        min(emissions.intensity_data_year) as intensity_data_year_from,
        max(emissions.intensity_data_year) as intensity_data_year_to
    from emissions
    left join functional_units
        on
            emissions.modality = functional_units.modality
            and emissions.quantity_unit = functional_units.quantity_unit
    where functional_units.functional_unit is not null and emissions.quantity is not null
    group by
        emissions.usage_month, emissions.model_provider, emissions.model_id, emissions.modality,
        functional_units.functional_unit, functional_units.boundary, functional_units.not_included,
        functional_units.quantification, functional_units.quantity_per_functional_unit
)

select
    usage_month,
    model_provider,
    model_id,
    modality,
    functional_unit,
    functional_units,
    functional_units_without_estimate,
    operational_kwh,
    operational_gco2e / nullif(operational_kwh, 0) as gco2e_per_kwh,
    operational_gco2e,
    operational_gco2e_low,
    operational_gco2e_high,
    cast(null as double) as embodied_gco2e,
    operational_gco2e / nullif(functional_units, 0) as operational_gco2e_per_functional_unit,
    operational_gco2e_low / nullif(functional_units, 0) as operational_gco2e_per_functional_unit_low,
    operational_gco2e_high / nullif(functional_units, 0) as operational_gco2e_per_functional_unit_high,
    boundary,
    not_included,
    quantification,
    intensity_data_year_from,
    intensity_data_year_to
from parts
