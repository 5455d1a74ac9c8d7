{#- The additive measures every aggregated mart carries, in one order. Sums of a status without energy are NULL, not 0. -#}
{% macro usage_measures() -%}
    count(*) as row_count,
    cast(sum(line_count) as bigint) as line_count,
    sum(case when quantity_unit = 'token' then quantity end) as tokens,
    sum(case when quantity_unit = 'image' and usage_kind = 'image' then quantity end) as images,
    sum(case when quantity_unit = 'second' and usage_kind = 'video_second' then quantity end) as video_seconds,
    sum(cost_amount) as cost_amount,
    sum(it_kwh) as it_kwh,
    sum(facility_kwh) as facility_kwh,
    sum(kwh) as kwh,
    sum(gco2e) as gco2e,
    sum(coalesce(kwh_low, kwh)) as kwh_low,
    sum(coalesce(kwh_high, kwh)) as kwh_high,
    sum(coalesce(gco2e_low, gco2e)) as gco2e_low,
    sum(coalesce(gco2e_high, gco2e)) as gco2e_high
{%- endmacro %}
