{#- Replacement text "first group, separator, second group": engines write group references differently. -#}
{% macro backreferences(separator) -%}
    {{ return(adapter.dispatch('backreferences', 'ai_emissions_ledger')(separator)) }}
{%- endmacro %}

{% macro default__backreferences(separator) -%}
    '\1{{ separator }}\2'
{%- endmacro %}
