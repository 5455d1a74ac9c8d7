{#- The one way CSV exports are read: as text, nothing guessed. A sniffed tag value `t` would become a boolean, and lines
    that begin with # would be taken for comments and left out. DuckDB keeps a buffer for every compressed file of a query,
    and one of the usual 32 MB for each would use up the memory with some hundred files; it has to hold the longest line. -#}
{% macro csv_dialect() -%}
    all_varchar = true, delim = ',', quote = '"', escape = '"', comment = '',
    buffer_size = 2097152
{%- endmacro %}
