{#- A setting as an SQL text literal: paths may hold quotes. -#}
{% macro sql_text(value) -%}
    {{ return(adapter.dispatch('sql_text', 'ai_emissions_ledger')(value)) }}
{%- endmacro %}

{% macro default__sql_text(value) -%}
    '{{ value | replace("'", "''") }}'
{%- endmacro %}

{% macro spark__sql_text(value) -%}
    '{{ value | replace('\\', '\\\\') | replace("'", "\\'") }}'
{%- endmacro %}
