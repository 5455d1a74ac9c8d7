{#- Every column of a relation but some: DuckDB says exclude, Spark except. -#}
{% macro all_but(columns, relation=none) -%}
    {{ return(adapter.dispatch('all_but', 'ai_emissions_ledger')(columns, relation)) }}
{%- endmacro %}

{% macro default__all_but(columns, relation) -%}
    {{ relation ~ '.' if relation }}* exclude ({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__all_but(columns, relation) -%}
    {{ relation ~ '.' if relation }}* except ({{ columns | join(', ') }})
{%- endmacro %}
