{#- What a group of a pattern has found, as it is written inside the replacement text. -#}
{% macro captured(group) -%}
    {{ return(adapter.dispatch('captured', 'ai_emissions_ledger')(group)) }}
{%- endmacro %}

{% macro default__captured(group) -%}
    \{{ group }}
{%- endmacro %}

{% macro spark__captured(group) -%}
    ${{ group }}
{%- endmacro %}
