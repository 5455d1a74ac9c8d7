{#- The billing lines of one kind of export that meet a condition, Parquet and CSV files together. The condition stands
    inside each branch, since DuckDB does not push it through the union. Maps become JSON text, which is what the CSV
    files hold, after the filter and so for the few lines that are left; a map of which only some values are wanted is
    left out for columns named <map>__<key>, which costs a fraction of that. -#}
{% macro input_lines(where_parquet, where_csv, map_columns=[], map_values={}) -%}
    (
        select
            *
            {%- if map_values %} exclude ({{ map_values | join(', ') }}){% endif %}
            {%- if map_columns %} replace (
                {%- for column in map_columns %}
                cast(to_json({{ column }}) as varchar) as {{ column }}{{ ',' if not loop.last }}
                {%- endfor %}
            )
            {%- endif %}
            {%- for column, keys in map_values.items() %}{% for key in keys %},
            {{ column }}['{{ key }}'] as {{ column }}__{{ key }}
            {%- endfor %}{% endfor %}
        from (
            select *
            from read_parquet(getvariable('parquet_files'), union_by_name = true, filename = 'file_path')
            where {{ where_parquet }}
        )
        union all by name
        select
            *
            {%- if map_values %} exclude ({{ map_values | join(', ') }}){% endif %}
            {%- for column, keys in map_values.items() %}{% for key in keys %},
            {{ json_text(column, key) }} as {{ column }}__{{ key }}
            {%- endfor %}{% endfor %}
        from read_csv(
            getvariable('csv_files'), header = true, union_by_name = true, filename = 'file_path', {{ csv_dialect() }}
        )
        where {{ where_csv }}
    )
{%- endmacro %}
