-- Ratios of marts are what their additive parts give, and the parts add up to the fact: O and E of
-- sci_operational_by_model_month per month, and per functional unit.

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

months as (
    select
        usage_month,
        sum(operational_kwh) as kwh,
        sum(operational_gco2e) as gco2e
    from {{ ref('sci_operational_by_model_month') }}
    group by usage_month
)

select
    fact.usage_month,
    'parts' as what,
    fact.gco2e as expected,
    months.gco2e as found
from fact
left join months
    on fact.usage_month is not distinct from months.usage_month
where {{ differs('fact.kwh', 'months.kwh') }} or {{ differs('fact.gco2e', 'months.gco2e') }}
union all
select
    usage_month,
    'rate' as what,
    operational_kwh * gco2e_per_kwh / functional_units as expected,
    operational_gco2e_per_functional_unit as found
from {{ ref('sci_operational_by_model_month') }}
where
    functional_units <> 0
    and {{ differs('operational_kwh * gco2e_per_kwh / functional_units', 'operational_gco2e_per_functional_unit') }}
