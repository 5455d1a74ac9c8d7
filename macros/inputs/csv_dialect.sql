{#- The one way CSV exports are read: as text, nothing guessed. A sniffed tag value `t` would become a boolean. -#}
{% macro csv_dialect() -%}
    all_varchar = true, delim = ',', quote = '"', escape = '"'
{%- endmacro %}
