{#- The columns of the CSV files that will be read, by the query that set_csv_header_query has put together. -#}
{% macro csv_columns() -%}
    {{ return(adapter.dispatch('csv_columns', 'ai_emissions_ledger')()) }}
{%- endmacro %}

{% macro default__csv_columns() -%}
    select
        file_path,
        unnest(column_names) as column_name,
        false as is_nested,
        -- A first line with surplus fields makes the header look wider than it is.
        list_count(column_names) as header_width
    from query(getvariable('csv_header_query'))
{%- endmacro %}

{% macro spark__csv_columns() -%}
    {{ no_rows({'file_path': 'string', 'column_name': 'string', 'is_nested': 'boolean', 'header_width': 'bigint'}) }}
{%- endmacro %}
