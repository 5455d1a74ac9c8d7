{#- A number, or NULL where the text is none. NaN and infinity are no amounts either. -#}
{% macro try_number(column) -%}
    {{ return(adapter.dispatch('try_number', 'ai_emissions_ledger')(column)) }}
{%- endmacro %}

{% macro default__try_number(column) -%}
    case when isfinite(try_cast({{ column }} as double)) then try_cast({{ column }} as double) end
{%- endmacro %}
