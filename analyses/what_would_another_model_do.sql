-- What would the same tokens on another model emit? For the largest pieces of usage, in the newest month: each measured
-- model that is in use. Models are not interchangeable, and a smaller model may need more tokens for the same work.

with

moves as (
    select * from {{ ref('ai_emissions_what_if') }}
    where change = 'model' and power_basis = 'measured'
),

newest as (
    select max(usage_month) as usage_month from moves
)

select
    moves.source,
    moves.model_id,
    moves.region,
    moves.gco2e / 1000 as kgco2e,
    moves.alternative,
    moves.alternative_gco2e / 1000 as alternative_kgco2e,
    moves.gco2e_difference / moves.gco2e as change_share
from moves
inner join newest
    on moves.usage_month = newest.usage_month
order by moves.gco2e desc, moves.model_id asc, moves.region asc, moves.alternative_gco2e asc, moves.alternative asc
