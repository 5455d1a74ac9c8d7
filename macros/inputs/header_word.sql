{#- A column name as Azure files are compared by: Meter Name, meter_name and METERNAME are one column. -#}
{% macro header_word(name) -%}
    {{ regex_replace_all('lower(' ~ name ~ ')', "'[ _]+'", "''") }}
{%- endmacro %}
