{#- The median as a window function: Spark's own takes no order, its percentile does. -#}
{% macro moving_median(column) -%}
    {{ return(adapter.dispatch('moving_median', 'ai_emissions_ledger')(column)) }}
{%- endmacro %}

{% macro default__moving_median(column) -%}
    median({{ column }})
{%- endmacro %}

{% macro spark__moving_median(column) -%}
    percentile({{ column }}, 0.5)
{%- endmacro %}
