-- Grain: piece of usage x region or model it might move to. The same usage in another region of its cloud, or the same
-- tokens on another model that is in use, with the figures in force on the last day of usage in the month.

with

usage as (
    select * from {{ ref('int_what_if__usage') }}
),

places as (
    select * from {{ ref('int_factors__places') }}
),

what_if_places as (
    select
        *,
        {{ place_day_key() }} as place_day_key
    from {{ ref('int_what_if__places') }}
),

text_rates as (
    select * from {{ ref('int_power__text_rates') }}
),

models_in_use as (
    select distinct model_id from {{ ref('int_power__usage_days') }}
),

to_region as (
    select
        usage.*,
        'region' as change,
        what_if_places.region_billed as alternative,
        cast(null as string) as alternative_power_basis,
        usage.it_kwh * places.psu_factor * places.pue * places.transmission_factor as alternative_kwh,
        places.carbon_intensity_gco2e_per_kwh as alternative_gco2e_per_kwh
    from usage
    inner join what_if_places
        on
            usage.cloud_provider = what_if_places.cloud_provider
            and usage.rated_on = what_if_places.usage_date
            and usage.region_used <> what_if_places.region_billed
    left join places
        on what_if_places.place_day_key = places.place_day_key
),

to_model as (
    select
        usage.*,
        'model' as change,
        models_in_use.model_id as alternative,
        text_rates.power_basis as alternative_power_basis,
        usage.weighted_quantity * text_rates.wh_per_unit / 1000 * usage.kwh / nullif(usage.it_kwh, 0)
            as alternative_kwh,
        usage.gco2e / nullif(usage.kwh, 0) as alternative_gco2e_per_kwh
    from usage
    inner join models_in_use
        on usage.model_id <> models_in_use.model_id
    left join text_rates
        on
            text_rates.usage_day_key
            = {{ row_key(['usage.source', 'models_in_use.model_id', 'null', 'usage.rated_on']) }}
    where usage.modality = 'text' and text_rates.wh_per_unit is not null
)

select
    *,
    alternative_kwh * alternative_gco2e_per_kwh as alternative_gco2e
from (
    select * from to_region
    union all
    select * from to_model
) as moves
