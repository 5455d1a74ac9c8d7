{#- The table a reader goes by, empty where it has none: legacy reports as CSV files and closed periods are files only. -#}
{% macro lake_table(reader) -%}
    {%- set input_form = {'aws_cur_legacy_parquet': 'aws_cur_legacy'}.get(reader, reader) -%}
    {{ return(input_locations().get(input_form, '')) }}
{%- endmacro %}
