{#- Do the inputs lie in tables instead of files? Then there is nothing to list, and no variable to set before a model. -#}
{% macro reads_tables() -%}
    {{ return(adapter.dispatch('reads_tables', 'ai_emissions_ledger')()) }}
{%- endmacro %}

{% macro default__reads_tables() -%}
    {{ return(false) }}
{%- endmacro %}

{% macro spark__reads_tables() -%}
    {{ return(true) }}
{%- endmacro %}
