{#- A text of an Azure bill; "Unassigned" is how it writes that there is none. -#}
{% macro assigned(column) -%}
    nullif(regexp_replace({{ blank_to_null(column) }}, '^(?i)(0 )?unassigned$', ''), '')
{%- endmacro %}
