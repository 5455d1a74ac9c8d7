{#- Where the plugin (ai_emissions/warehouse_setup.py) wrote the zero-row template of a reader. -#}
{% macro template_path(reader, file_format) -%}
    {{ return('target/input_templates/' ~ reader ~ '.' ~ file_format) }}
{%- endmacro %}
