-- The fact keeps the rows of months that nothing has changed of. Here they are compared, per month and status, with
-- what the power figures and the factors of places, which every build computes anew, give for the same usage now.

with

fact as (
    select
        usage_month,
        status,
        sum(it_kwh) as it_kwh,
        sum(kwh) as kwh,
        sum(gco2e) as gco2e
    from {{ ref('fct_ai_emissions') }}
    group by usage_month, status
),

-- Before places: usage with the power figures of today.
rated as (
    select
        usage_month,
        status,
        sum(quantity * wh_per_unit) / 1000 as it_kwh
    from {{ ref('int_usage_rated') }}
    group by usage_month, status
),

-- The days of usage that are kept, with the places of today.
emissions as (
    select
        usage_month,
        status,
        sum(kwh) as kwh,
        sum(gco2e) as gco2e
    from {{ ref('int_emissions') }}
    group by usage_month, status
)

select
    coalesce(fact.usage_month, rated.usage_month) as usage_month,
    coalesce(fact.status, rated.status) as status,
    'The fact does not say of '
    || coalesce({{ month_text('coalesce(fact.usage_month, rated.usage_month)') }}, 'no month')
    || ' what this build would: run dbt build again, which makes its months anew.' as problem
from rated
full outer join fact
    on rated.usage_month is not distinct from fact.usage_month and rated.status is not distinct from fact.status
left join emissions
    on fact.usage_month is not distinct from emissions.usage_month and fact.status is not distinct from emissions.status
where
    rated.status is null
    or fact.status is null
    or {{ differs('rated.it_kwh', 'fact.it_kwh') }}
    or {{ differs('emissions.kwh', 'fact.kwh') }}
    or {{ differs('emissions.gco2e', 'fact.gco2e') }}
