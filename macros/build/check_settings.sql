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
    {%- for form in var('aws_form_order') if form not in ['cur2', 'focus', 'cur_legacy'] -%}
        {%- do exceptions.raise_compiler_error(
            'The setting aws_form_order names ' ~ form ~ '. It can name cur2, focus and cur_legacy.'
        ) -%}
    {%- endfor -%}
{% endmacro %}
