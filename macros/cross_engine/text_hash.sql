{#- A hash of a text as a number: equal texts of one build have equal ones. -#}
{% macro text_hash(column) -%}
    {{ return(adapter.dispatch('text_hash', 'ai_emissions_ledger')(column)) }}
{%- endmacro %}

{% macro default__text_hash(column) -%}
    hash({{ column }})
{%- endmacro %}

{% macro spark__text_hash(column) -%}
    xxhash64({{ column }})
{%- endmacro %}
