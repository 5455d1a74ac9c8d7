-- Every aggregated mart adds up to the fact, per month, source and status.

with

fact as (
    select
        'fct_ai_emissions' as mart,
        usage_month,
        source,
        status,
        sum(line_count) as line_count,
        sum(case when quantity_unit = 'token' then quantity end) as tokens,
        sum(kwh) as kwh,
        sum(gco2e) as gco2e
    from {{ ref('fct_ai_emissions') }}
    group by usage_month, source, status
),

marts as (
    {% for mart in ['ai_emissions_by_model_region_month', 'ai_emissions_by_account_month', 'ai_usage_coverage'] %}
    select
        '{{ mart }}' as mart,
        usage_month,
        source,
        status,
        sum(line_count) as line_count,
        sum(tokens) as tokens,
        sum(kwh) as kwh,
        sum(gco2e) as gco2e
    from {{ ref(mart) }}
    group by usage_month, source, status
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    marts.*,
    fact.line_count as fact_line_count,
    fact.tokens as fact_tokens,
    fact.kwh as fact_kwh,
    fact.gco2e as fact_gco2e
from fact
full outer join marts
    on
        fact.usage_month is not distinct from marts.usage_month
        and fact.source = marts.source
        and fact.status = marts.status
where
    fact.line_count is distinct from marts.line_count
    or {{ differs('fact.tokens', 'marts.tokens') }}
    or {{ differs('fact.kwh', 'marts.kwh') }}
    or {{ differs('fact.gco2e', 'marts.gco2e') }}
