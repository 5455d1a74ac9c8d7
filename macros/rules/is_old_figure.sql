{#- Was a power figure measured, or last seen to change, too long before the usage it serves? -#}
{% macro is_old_figure(usage_date, measured_on) -%}
    ({{ usage_date }} > {{ measured_on }} + interval {{ var('old_figure_days') }} day)
{%- endmacro %}
