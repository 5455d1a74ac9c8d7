{#- One value of a JSON object as text, or NULL. -#}
{% macro json_text(column, key) -%}
    {{ return(adapter.dispatch('json_text', 'ai_emissions_ledger')(column, key)) }}
{%- endmacro %}

{% macro default__json_text(column, key) -%}
    json_extract_string({{ column }}, '$.{{ key }}')
{%- endmacro %}

{% macro spark__json_text(column, key) -%}
    get_json_object({{ column }}, '$.{{ key }}')
{%- endmacro %}
