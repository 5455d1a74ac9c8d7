-- The causes in ai_emissions_change add up to the change of every month and source since the month before.

with

months as (
    select
        usage_month,
        source,
        sum(kwh) as kwh,
        sum(gco2e) as gco2e
    from {{ ref('fct_ai_emissions') }}
    where status = 'estimated'
    group by usage_month, source
),

changes as (
    select
        usage_month,
        previous_month,
        source,
        sum(kwh_change) as kwh_change,
        sum(gco2e_change) as gco2e_change
    from {{ ref('ai_emissions_change') }}
    group by usage_month, previous_month, source
),

compared as (
    select
        changes.usage_month,
        changes.source,
        changes.kwh_change,
        changes.gco2e_change,
        coalesce(months.kwh, 0) as kwh,
        coalesce(months.gco2e, 0) as gco2e,
        coalesce(earlier.kwh, 0) as earlier_kwh,
        coalesce(earlier.gco2e, 0) as earlier_gco2e
    from changes
    left join months
        on
            changes.usage_month = months.usage_month
            and changes.source = months.source
    left join months as earlier
        on
            changes.previous_month = earlier.usage_month
            and changes.source = earlier.source
)

select *
from compared
where
    -- The month before stands on both sides: where usage ended, nothing but the last digits of its sum are left, and
    -- they are to be measured against that sum, not against themselves.
    {{ differs('2 * earlier_kwh + kwh_change', 'earlier_kwh + kwh') }}
    or {{ differs('2 * earlier_gco2e + gco2e_change', 'earlier_gco2e + gco2e') }}
