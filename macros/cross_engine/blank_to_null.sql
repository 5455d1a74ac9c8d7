{#- Billing files write "no value" as an empty text, as NULL and as null. -#}
{% macro blank_to_null(column) -%}
    nullif(nullif(nullif(trim(cast({{ column }} as string)), ''), 'NULL'), 'null')
{%- endmacro %}
