-- The choice as_built of ai_emissions_sensitivity computes the whole usage anew and comes to what the fact holds.

with

fact as (
    select
        usage_month,
        sum(kwh) as kwh,
        sum(gco2e) as gco2e
    from {{ ref('fct_ai_emissions') }}
    where status = 'estimated'
    group by usage_month
),

as_built as (
    select * from {{ ref('ai_emissions_sensitivity') }}
    where choice = 'as_built'
)

select
    coalesce(fact.usage_month, as_built.usage_month) as usage_month,
    fact.gco2e as fact_gco2e,
    as_built.gco2e as as_built_gco2e
from fact
full outer join as_built
    on fact.usage_month is not distinct from as_built.usage_month
where
    {{ differs('fact.kwh', 'as_built.kwh') }}
    or {{ differs('fact.gco2e', 'as_built.gco2e') }}
