-- What would residency elsewhere do? For the largest pieces of usage, in the newest month: the region of the same cloud
-- with the lowest emissions in the same country or zone (so that data stays under the same law), and the lowest of all.
-- Only regions that emit less, of the same partition (commercial, government, China); empty where there is none.
-- Regions of one country share its grid unless grid_level says otherwise. Not every region offers every model.

with

moves as (
    select * from {{ ref('ai_emissions_what_if') }}
    where change = 'region'
),

regions as (
    select
        region,
        min(partition) as partition,
        min(coalesce(zone_code, country_code)) as residency
    from {{ ref('dim_regions') }}
    group by region
),

newest as (
    select max(usage_month) as usage_month from moves
),

ranked as (
    select
        moves.*,
        coalesce(here.residency = there.residency, false) as is_same_residency,
        row_number() over (
            partition by moves.source, moves.model_id, moves.region, moves.quantity_unit
            order by moves.alternative_gco2e, moves.alternative
        ) as rank_of_all,
        row_number() over (
            partition by
                moves.source, moves.model_id, moves.region, moves.quantity_unit,
                coalesce(here.residency = there.residency, false)
            order by moves.alternative_gco2e, moves.alternative
        ) as rank_in_residency
    from moves
    inner join newest
        on moves.usage_month = newest.usage_month
    left join regions as here
        on moves.region = here.region
    left join regions as there
        on moves.alternative = there.region
    where
        here.partition = there.partition
        -- Ties and last digits are no gain.
        and moves.alternative_gco2e < 0.999 * moves.gco2e
)

select
    source,
    model_id,
    region,
    quantity_unit,
    max(gco2e) / 1000 as kgco2e,
    max(case when is_same_residency and rank_in_residency = 1 then alternative end) as best_of_same_residency,
    max(case when is_same_residency and rank_in_residency = 1 then alternative_gco2e end) / 1000
        as best_of_same_residency_kgco2e,
    max(case when rank_of_all = 1 then alternative end) as best_of_all,
    max(case when rank_of_all = 1 then alternative_gco2e end) / 1000 as best_of_all_kgco2e
from ranked
group by source, model_id, region, quantity_unit
order by kgco2e desc, model_id asc, region asc
