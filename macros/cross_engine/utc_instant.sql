{#- A time without zone, which is UTC, as a time with zone. A session of Spark is in UTC (profiles.yml). -#}
{% macro utc_instant(time) -%}
    {{ return(adapter.dispatch('utc_instant', 'ai_emissions_ledger')(time)) }}
{%- endmacro %}

{% macro default__utc_instant(time) -%}
    {{ time }} at time zone 'UTC'
{%- endmacro %}

{% macro spark__utc_instant(time) -%}
    {{ time }}
{%- endmacro %}
