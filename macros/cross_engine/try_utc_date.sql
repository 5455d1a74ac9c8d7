{#- The UTC day of a timestamp or its text, or NULL where it is none. An offset in the text is applied. -#}
{% macro try_utc_date(column) -%}
    {{ return(adapter.dispatch('try_utc_date', 'ai_emissions_ledger')(column)) }}
{%- endmacro %}

{% macro default__try_utc_date(column) -%}
    cast(try_cast({{ column }} as timestamptz) at time zone 'UTC' as date)
{%- endmacro %}

{% macro spark__try_utc_date(column) -%}
    cast({{ spark__try_utc_time(column) }} as date)
{%- endmacro %}
