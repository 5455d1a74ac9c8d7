{#- The one way CSV exports are read: as text, nothing guessed. A sniffed tag value `t` would become a boolean, and lines
    that begin with # would be taken for comments and left out. -#}
{% macro csv_dialect() -%}
    all_varchar = true, delim = ',', quote = '"', escape = '"', comment = ''
{%- endmacro %}
