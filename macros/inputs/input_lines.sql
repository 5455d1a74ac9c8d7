{#- The billing lines of one kind of export that meet a condition, Parquet and CSV files together. The condition stands
    inside each branch, since DuckDB does not push it through the union. Maps become JSON text, which is what the CSV
    files hold, after the filter and so for the few lines that are left. -#}
{% macro input_lines(reader, where_parquet, where_csv, map_columns=[]) -%}
    {{ return(adapter.dispatch('input_lines', 'ai_emissions_ledger')(reader, where_parquet, where_csv, map_columns)) }}
{%- endmacro %}

{% macro default__input_lines(reader, where_parquet, where_csv, map_columns) -%}
    (
        select *
            {%- if map_columns %} replace (
                {%- for column in map_columns %}
                cast(to_json({{ column }}) as string) as {{ column }}{{ ',' if not loop.last }}
                {%- endfor %}
            )
            {%- endif %}
        from (
            select *
            from read_parquet(getvariable('parquet_files'), union_by_name = true, filename = 'file_path')
            where {{ where_parquet }}
        )
        union all by name
        select *
        from {{ csv_rows(reader) }}
        where {{ where_csv }}
    )
{%- endmacro %}

{#- A table holds maps as maps, like Parquet files, or as JSON texts, like CSV files. -#}
{% macro spark__input_lines(reader, where_parquet, where_csv, map_columns) -%}
    {%- set columns = lake_columns(lake_table(reader)) -%}
    {%- set maps = [] -%}
    {%- for column in map_columns if '<' in columns.get(column | lower, '') -%}
        {%- do maps.append(column) -%}
    {%- endfor -%}
    (
        select
            {{ all_but(maps) if maps else '*' }}
            {%- for column in maps %},
            to_json({{ column }}) as {{ column }}
            {%- endfor %}
        from {{ lake_rows(reader) }}
        where {{ where_parquet if columns.get(map_columns[0] | lower, '').startswith('map') else where_csv }}
    )
{%- endmacro %}
