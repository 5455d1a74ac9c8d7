-- Where does a figure come from? The worked example: every number of the product, and the row each was taken from.
-- Change the condition of the first step to follow any other figure.

with

usage as (
    select * from {{ ref('fct_ai_emissions') }}
    where
        model_id = 'claude-sonnet-4'
        and region_used = 'eu-central-1'
        and usage_month = cast('2025-06-01' as date)
        and status = 'estimated'
),

factors as (
    select * from {{ ref('emission_factors') }}
),

rated as (
    select
        source_delivery,
        power_figure_id,
        psu_factor_id,
        transmission_factor_id,
        pue_factor_id,
        carbon_intensity_factor_id,
        sum(quantity) as tokens,
        sum(kwh) as kwh,
        sum(gco2e) as gco2e
    from usage
    group by all
)

select
    rated.source_delivery,
    rated.tokens,
    rated.kwh,
    rated.gco2e,
    factors.factor_type,
    factors.figure,
    factors.unit,
    factors.edition,
    factors.source
from rated
left join factors
    on factors.factor_id in (
        rated.power_figure_id,
        rated.psu_factor_id,
        rated.transmission_factor_id,
        rated.pue_factor_id,
        rated.carbon_intensity_factor_id
    )
order by rated.source_delivery, factors.factor_type
