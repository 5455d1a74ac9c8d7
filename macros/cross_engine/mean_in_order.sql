{#- Aggregate: the mean, added up from the smallest value to the largest: a sum of doubles in another order differs in its
    last digit. Spark cannot be told the order, and may differ there. -#}
{% macro mean_in_order(column) -%}
    {{ return(adapter.dispatch('mean_in_order', 'ai_emissions_ledger')(column)) }}
{%- endmacro %}

{% macro default__mean_in_order(column) -%}
    avg({{ column }} order by {{ column }})
{%- endmacro %}

{% macro spark__mean_in_order(column) -%}
    avg({{ column }})
{%- endmacro %}
