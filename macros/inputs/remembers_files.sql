{#- Whether a table that reads files has rows of an earlier build to keep. A table of an earlier version of the project,
    which did not write down what it read, has none. -#}
{% macro remembers_files(relation) -%}
    {%- set known = load_cached_relation(relation) if execute else none -%}
    {%- set columns = adapter.get_columns_in_relation(known) | map(attribute='name') | list if known else [] -%}
    {{- return('read_key' in columns and not should_full_refresh() and not reads_tables()) -}}
{%- endmacro %}
