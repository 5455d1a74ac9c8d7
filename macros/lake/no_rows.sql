{#- A select of no rows, for inputs that are not there: column names and their types of Spark. -#}
{% macro no_rows(columns) -%}
    select
        {%- for name, kind in columns.items() %}
        cast(null as {{ kind }}) as `{{ name }}`{{ ',' if not loop.last }}
        {%- endfor %}
    where false
{%- endmacro %}
