{#- The columns of the Parquet files that will be read. -#}
{% macro parquet_columns() -%}
    {{ return(adapter.dispatch('parquet_columns', 'ai_emissions_ledger')()) }}
{%- endmacro %}

{% macro default__parquet_columns() -%}
    select
        file_name as file_path,
        name as column_name,
        coalesce(num_children, 0) > 0 as is_nested,
        cast(null as bigint) as header_width
    from parquet_schema(getvariable('parquet_files'))
{%- endmacro %}

{#- The columns of the tables. `files` is the step of the model. -#}
{% macro spark__parquet_columns() -%}
    {%- set rows = [] -%}
    {%- for table in input_locations().values() -%}
        {%- for name, kind in lake_columns(table).items() -%}
            {%- do rows.append('(' ~ sql_text(table) ~ ', ' ~ sql_text(name) ~ ', ' ~ ('<' in kind) ~ ')') -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if rows -%}
    select
        files.file_path,
        table_columns.column_name,
        table_columns.is_nested,
        cast(null as bigint) as header_width
    from files
    inner join values {{ rows | join(', ') }} as table_columns (table_name, column_name, is_nested)
        on substr(files.file_path, 1, length(table_columns.table_name) + 1) = table_columns.table_name || '/'
    {%- else -%}
    {{ csv_columns() }}
    {%- endif -%}
{%- endmacro %}
