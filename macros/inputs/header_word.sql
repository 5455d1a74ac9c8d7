{#- A column name as Azure files are compared by: Meter Name, meter_name and METERNAME are one column. -#}
{% macro header_word(name) -%}
    regexp_replace(lower({{ name }}), '[ _]+', '', 'g')
{%- endmacro %}
