{#- The UTC time of a timestamp or its text, or NULL where it is none. -#}
{% macro try_utc_time(column) -%}
    {{ return(adapter.dispatch('try_utc_time', 'ai_emissions_ledger')(column)) }}
{%- endmacro %}

{% macro default__try_utc_time(column) -%}
    try_cast({{ column }} as timestamptz) at time zone 'UTC'
{%- endmacro %}

{#- The session is in UTC (profiles.yml). Spark would also take 2025 or 10:00 for a time. -#}
{% macro spark__try_utc_time(column) -%}
    case
        when cast({{ column }} as string) rlike '^ *[0-9]{4}-[0-9]{2}-[0-9]{2}' then try_cast({{ column }} as timestamp)
    end
{%- endmacro %}
