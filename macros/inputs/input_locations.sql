{#- Where each form of input lies: its own setting, else its folder below the data root, or its table in the lake
    schema. A dictionary, so that the folders of the public interface stand in one place. -#}
{% macro input_locations() %}
    {{ return(adapter.dispatch('input_locations', 'ai_emissions_ledger')()) }}
{% endmacro %}

{% macro default__input_locations() %}
    {%- set folders = {
        'aws_cur2': 'aws/cur2',
        'aws_cur_legacy': 'aws/cur_legacy',
        'aws_focus': 'aws/focus',
        'azure_cost_details': 'azure/cost_details',
        'azure_focus': 'azure/focus',
        'ai_proxy': 'ai_proxy',
        'model_power': 'model_power',
    } -%}
    {%- set locations = {} -%}
    {%- for input_form, folder in folders.items() -%}
        {%- set location = var(input_form) or var('data_root').rstrip('/') ~ '/' ~ folder -%}
        {%- do locations.update({input_form: location.rstrip('/')}) -%}
    {%- endfor -%}
    {{ return(locations) }}
{% endmacro %}

{% macro spark__input_locations() %}
    {%- set tables = {} -%}
    {%- for input_form in default__input_locations() -%}
        {%- do tables.update({input_form: var(input_form) or var('lake_schema') ~ '.' ~ input_form}) -%}
    {%- endfor -%}
    {{ return(tables) }}
{% endmacro %}
