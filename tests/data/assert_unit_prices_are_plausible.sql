{{ config(severity='warn') }}

-- Price of a million tokens in USD, per meter and month: far outside what this kind of seller charges points to a
-- wrong unit multiplier. Credits and private prices break the rule, so it warns.

{%- set bounds = var('plausible_usd_per_million_tokens') %}

with

lines as (
    {% for model in ['int_aws__usage_lines', 'int_azure__usage_lines'] %}
    select
        meter_key,
        usage_month,
        usage_amount,
        cost_amount
    from {{ ref(model) }}
    where is_usage and cost_currency = 'USD' and cost_amount > 0 and usage_amount > 0
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

meters as (
    select
        classified.meter_key,
        classified.usage_type as meter_name,
        classified.pricing_unit,
        classified.quantity_per_unit,
        meters.description,
        case when meters.is_marketplace then 'marketplace' else 'aws' end as seller
    from {{ ref('int_aws__meters_classified') }} as classified
    inner join {{ ref('int_aws__meters') }} as meters
        on classified.meter_key = meters.meter_key
    where classified.meter_status is null and classified.quantity_unit = 'token'
    union all
    select
        meter_key,
        meter_name,
        pricing_unit,
        quantity_per_unit,
        usage_quality as description,
        'azure' as seller
    from {{ ref('int_azure__meters_classified') }}
    where meter_status is null and quantity_unit = 'token'
),

prices as (
    select
        lines.usage_month,
        meters.meter_name,
        meters.pricing_unit,
        meters.description,
        meters.seller,
        sum(lines.cost_amount) / sum(lines.usage_amount * meters.quantity_per_unit) * 1e6 as usd_per_million_tokens
    from lines
    inner join meters
        on lines.meter_key = meters.meter_key
    group by all
)

select
    meter_name || ', unit ' || coalesce(pricing_unit, 'none') || ', ' || coalesce(description, 'no description')
    || ', in ' || {{ month_text('usage_month') }} || ': ' || cast(usd_per_million_tokens as string)
    || ' USD per million tokens. Check that its quantity_per_unit in ai_usage_meters is right.' as problem
from prices
where
    case
        {% for seller, range in bounds.items() %}
        when seller = '{{ seller }}' then usd_per_million_tokens not between {{ range[0] }} and {{ range[1] }}
        {% endfor %}
    end
