{#- The UTC time of a timestamp or its text, or NULL where it is none. -#}
{% macro try_utc_time(column) -%}
    {{ return(adapter.dispatch('try_utc_time', 'ai_emissions_ledger')(column)) }}
{%- endmacro %}

{% macro default__try_utc_time(column) -%}
    try_cast({{ column }} as timestamptz) at time zone 'UTC'
{%- endmacro %}
