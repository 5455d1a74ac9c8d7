{{ config(severity='warn') }}

-- Price of a million tokens in USD, per meter and month: far outside what this kind of seller charges points to a
-- wrong unit multiplier. Credits and private prices break the rule, so it warns.

{%- set bounds = var('plausible_usd_per_million_tokens') %}

with

lines as (
    select * from {{ ref('int_aws__usage_lines') }}
    where is_usage and cost_currency = 'USD' and cost_amount > 0 and usage_amount > 0
),

meters as (
    select
        classified.*,
        meters.is_marketplace,
        meters.description
    from {{ ref('int_aws__meters_classified') }} as classified
    inner join {{ ref('int_aws__meters') }} as meters
        on classified.meter_key = meters.meter_key
    where classified.meter_status is null and classified.quantity_unit = 'token'
),

prices as (
    select
        lines.usage_month,
        meters.usage_type,
        meters.pricing_unit,
        meters.description,
        meters.is_marketplace,
        sum(lines.cost_amount) / sum(lines.usage_amount * meters.quantity_per_unit) * 1e6 as usd_per_million_tokens
    from lines
    inner join meters
        on lines.meter_key = meters.meter_key
    group by all
)

select
    usage_type || ', unit ' || coalesce(pricing_unit, 'none') || ', ' || coalesce(description, 'no description')
    || ', in ' || strftime(usage_month, '%Y-%m') || ': ' || cast(usd_per_million_tokens as varchar)
    || ' USD per million tokens. Check that its quantity_per_unit in ai_usage_meters is right.' as problem
from prices
where
    case
        when is_marketplace
            then
                usd_per_million_tokens
                not between {{ bounds['marketplace'][0] }} and {{ bounds['marketplace'][1] }}
        else usd_per_million_tokens not between {{ bounds['aws'][0] }} and {{ bounds['aws'][1] }}
    end
