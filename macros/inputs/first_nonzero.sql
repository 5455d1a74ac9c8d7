{#- The first of several columns that holds a number other than 0. -#}
{% macro first_nonzero(columns) -%}
    coalesce({% for column in columns %}nullif({{ try_number(column) }}, 0){{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}
