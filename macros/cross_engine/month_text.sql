{#- A day as the text of its month, 2025-06. -#}
{% macro month_text(day) -%}
    {{ return(adapter.dispatch('month_text', 'ai_emissions_ledger')(day)) }}
{%- endmacro %}

{% macro default__month_text(day) -%}
    strftime({{ day }}, '%Y-%m')
{%- endmacro %}

{% macro spark__month_text(day) -%}
    date_format({{ day }}, 'yyyy-MM')
{%- endmacro %}
