{#- What to do about inputs that are not found, for a message. -#}
{% macro where_inputs_are_set() -%}
    {{ return(adapter.dispatch('where_inputs_are_set', 'ai_emissions_ledger')()) }}
{%- endmacro %}

{% macro default__where_inputs_are_set() -%}
    Set AI_EMISSIONS_DATA_ROOT to the folder or bucket prefix that holds exports or telemetry.
{%- endmacro %}

{% macro spark__where_inputs_are_set() -%}
    Set AI_EMISSIONS_LAKE_SCHEMA to the schema that holds tables of exports or telemetry.
{%- endmacro %}
