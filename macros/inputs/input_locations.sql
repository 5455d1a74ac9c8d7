{#- Where each form of input lies: its own setting, else its folder below the data root. A dictionary, so that the
    folders of the public interface stand in one place. -#}
{% macro input_locations() %}
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
