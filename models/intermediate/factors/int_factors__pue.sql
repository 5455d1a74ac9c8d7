{{ config(materialized='table') }}

-- One row per place and day: the PUE of the narrowest place that has one, by region, geography, provider and world.
-- The row valid on the day counts; before the first row of that place, the first one does (back-cast).
-- Direct use has a row for the world of its own: the method takes the same figure on all dates.

with

place_days as (
    select * from {{ ref('int_factors__place_days') }}
),

factors as (
    select * from {{ ref('pue') }}
    where in_default_set
),

candidates as (
    select
        place_days.place_day_key,
        factors.factor_id,
        factors.pue,
        factors.scope,
        place_days.usage_date < factors.valid_from as is_backcast,
        row_number() over (
            partition by place_days.place_day_key
            order by
                case factors.scope when 'region' then 1 when 'geography' then 2 when 'provider' then 3 else 4 end,
                factors.provider = 'any',
                place_days.usage_date < factors.valid_from,
                factors.valid_from
        ) as choice
    from place_days
    inner join factors
        on
            place_days.usage_date <= coalesce(factors.valid_to, date '9999-12-31')
            and (
                (
                    place_days.cloud_provider = factors.provider
                    and (
                        (
                            factors.scope = 'region'
                            and place_days.place_level = 'region'
                            and place_days.region_billed = factors.region_code
                        )
                        or (
                            factors.scope = 'geography'
                            and place_days.place_level in ('region', 'geography')
                            and place_days.pue_geography = factors.geography
                        )
                        or factors.scope = 'provider'
                    )
                )
                or (factors.scope = 'world' and factors.provider in ('any', place_days.cloud_provider))
            )
)

select
    place_day_key,
    factor_id as pue_factor_id,
    pue,
    scope as pue_basis,
    is_backcast as pue_is_backcast
from candidates
where choice = 1
