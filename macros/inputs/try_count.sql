{#- A count of a telemetry record; one below 0 is none. -#}
{% macro try_count(column) -%}
    case when {{ try_number(column) }} >= 0 then {{ try_number(column) }} end
{%- endmacro %}
