-- One row per factor of a place and per equivalence, in the shape of emission_factors.

with

pue as (
    select
        factor_id,
        'pue' as factor_type,
        concat_ws(' ', provider, scope, region_code, geography) as applies_to,
        pue as figure,
        unit,
        valid_from,
        valid_to,
        data_year as edition,
        source,
        licence,
        evidence,
        concat_ws('; ', basis, note) as note
    from {{ ref('pue') }}
),

carbon_intensity as (
    select
        factor_id,
        'carbon_intensity' as factor_type,
        geo_name as applies_to,
        gco2e_per_kwh as figure,
        unit,
        valid_from,
        valid_to,
        edition,
        source,
        licence,
        evidence,
        note
    from {{ ref('carbon_intensity') }}
),

power_factors as (
    select
        factor_id,
        factor_name as factor_type,
        concat_ws(' ', factor_set, geo_name) as applies_to,
        factor as figure,
        unit,
        valid_from,
        valid_to,
        data_year as edition,
        source,
        licence,
        evidence,
        concat_ws('; ', 'formula: ' || formula, note) as note
    from {{ ref('power_factors') }}
),

equivalences as (
    select
        factor_id,
        'equivalence' as factor_type,
        label as applies_to,
        coalesce(kgco2e_per_unit, kwh_per_unit) as figure,
        case when kgco2e_per_unit is not null then 'kgCO2e per ' else 'kWh per ' end || unit as unit,
        valid_from,
        valid_to,
        data_year as edition,
        source,
        licence,
        evidence,
        note
    from {{ ref('equivalences') }}
)

select * from pue
union all
select * from carbon_intensity
union all
select * from power_factors
union all
select * from equivalences
