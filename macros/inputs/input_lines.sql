{#- The billing lines of one kind of export that meet a condition, Parquet and CSV files together. The condition stands
    inside each branch, since DuckDB does not push it through the union. Maps become JSON text, which is what the CSV
    files hold, after the filter and so for the few lines that are left. -#}
{% macro input_lines(where_parquet, where_csv, map_columns=[]) -%}
    (
        select *
            {%- if map_columns %} replace (
                {%- for column in map_columns %}
                cast(to_json({{ column }}) as varchar) as {{ column }}{{ ',' if not loop.last }}
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
        from read_csv(
            getvariable('csv_files'), header = true, union_by_name = true, filename = 'file_path', {{ csv_dialect() }}
        )
        where {{ where_csv }}
    )
{%- endmacro %}
