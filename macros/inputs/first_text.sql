{#- The first of several columns that has a value: the same thing has another name in every agreement. -#}
{% macro first_text(columns) -%}
    coalesce({% for column in columns %}{{ blank_to_null(column) }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}
