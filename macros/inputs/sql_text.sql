{#- A setting as an SQL text literal: paths may hold quotes. -#}
{% macro sql_text(value) -%}
    '{{ value | replace("'", "''") }}'
{%- endmacro %}
