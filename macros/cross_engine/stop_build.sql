{#- The name of the function that stops the build with a message, if it is ever evaluated. -#}
{% macro stop_build() -%}
    {{ return(adapter.dispatch('stop_build', 'ai_emissions_ledger')()) }}
{%- endmacro %}

{% macro default__stop_build() -%}
    error
{%- endmacro %}

{% macro spark__stop_build() -%}
    raise_error
{%- endmacro %}
