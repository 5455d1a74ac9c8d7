-- One row per factor the results rest on, with the emissions that rest on it.

with

used as (
    select
        unnest([
            power_figure_id, psu_factor_id, pue_factor_id, transmission_factor_id, carbon_intensity_factor_id
        ]) as factor_id,
        gco2e
    from fct_ai_emissions
    where status = 'estimated'
),

summed as (
    select
        factor_id,
        sum(gco2e) as gco2e
    from used
    group by factor_id
)

select
    factors.factor_id,
    factors.factor_type,
    factors.applies_to,
    factors.figure,
    factors.unit,
    factors.edition,
    factors.valid_from,
    factors.source,
    factors.licence,
    factors.evidence,
    summed.gco2e
from emission_factors as factors
inner join summed
    on factors.factor_id = summed.factor_id
order by
    list_position(
        ['text_power', 'size_bucket_power', 'media_power', 'power_supply', 'pue', 'transmission', 'carbon_intensity'],
        factors.factor_type
    ),
    summed.gco2e desc,
    factors.factor_id
