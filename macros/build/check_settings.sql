{#- A misspelt setting would change figures in silence. -#}
{% macro check_settings() %}
    {%- set choices = {
        'location_policy': ['billed_region', 'scope_aware'],
        'grid_level': ['country', 'subdivision'],
        'transmission_factor_set': ['document', 'country'],
        'use_assumed_sizes': [true, false],
    } -%}
    {%- for name, allowed in choices.items() if var(name) not in allowed -%}
        {%- do exceptions.raise_compiler_error(
            'The setting ' ~ name ~ ' is ' ~ var(name) ~ '. It can be ' ~ allowed | join(' or ') ~ '.'
        ) -%}
    {%- endfor -%}
    {%- set forms = {
        'aws_form_order': ['cur2', 'focus', 'cur_legacy'],
        'azure_form_order': ['focus', 'actual', 'amortized'],
        'proxy_billed_elsewhere': ['openai', 'azure_openai', 'anthropic', 'google', 'vertex', 'mistral'],
    } -%}
    {%- for name, allowed in forms.items()
        if (not var(name) and name != 'proxy_billed_elsewhere') or var(name) | reject('in', allowed) | list -%}
        {%- do exceptions.raise_compiler_error(
            'The setting ' ~ name ~ ' is ' ~ var(name) ~ '. It can name ' ~ allowed | join(', ') ~ '.'
        ) -%}
    {%- endfor -%}
{% endmacro %}
