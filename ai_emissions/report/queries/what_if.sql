-- One row per usage and alternative over the whole period; the largest usage first, then what would be lowest.

with

usage as (
    select
        change,
        source,
        model_id,
        region,
        alternative,
        sum(gco2e) as gco2e,
        sum(alternative_gco2e) as alternative_gco2e,
        max(power_basis) as power_basis,
        max(caveat) as caveat
    from ai_emissions_what_if
    group by change, source, model_id, region, alternative
),

ranked as (
    select
        *,
        dense_rank() over (partition by change order by gco2e desc, source asc, model_id asc, region asc) as usage_rank,
        row_number() over (
            partition by change, source, model_id, region order by alternative_gco2e asc nulls last, alternative asc
        ) as alternative_rank
    from usage
)

select *
from ranked
where usage_rank <= 4 and alternative_rank <= 3
order by change desc, usage_rank, alternative_rank
