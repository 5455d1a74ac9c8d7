{#- The billing lines of one kind of export that meet a condition, Parquet and CSV files together. The condition stands
    inside each branch, since DuckDB does not push it through the union. Maps become JSON text, which is what the CSV
    files hold, after the filter and so for the few lines that are left; a map of which only some values are wanted is
    left out for columns named <map>__<key>, which costs a fraction of that. -#}
{% macro input_lines(reader, where_parquet, where_csv, map_columns=[], map_values={}) -%}
    {{ return(adapter.dispatch('input_lines', 'ai_emissions_ledger')(
        reader, where_parquet, where_csv, map_columns, map_values
    )) }}
{%- endmacro %}

{% macro default__input_lines(reader, where_parquet, where_csv, map_columns, map_values) -%}
    (
        select
            *
            {%- if map_values %} exclude ({{ map_values | join(', ') }}){% endif %}
            {%- if map_columns %} replace (
                {%- for column in map_columns %}
                cast(to_json({{ column }}) as string) as {{ column }}{{ ',' if not loop.last }}
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
        from {{ csv_rows(reader) }}
        where {{ where_csv }}
    )
{%- endmacro %}

{#- A table holds maps as maps, like Parquet files, or as JSON texts, like CSV files, or as structs, which become such texts. -#}
{% macro spark__input_lines(reader, where_parquet, where_csv, map_columns, map_values) -%}
    {%- set columns = lake_columns(lake_table(reader)) -%}
    {%- set maps, structs = [], [] -%}
    {%- for column in map_values | list + map_columns -%}
        {%- set type = columns.get(column | lower, '') -%}
        {%- if type.startswith('map<') -%}{%- do maps.append(column) -%}{%- endif -%}
        {%- if type.startswith('struct<') -%}{%- do structs.append(column) -%}{%- endif -%}
    {%- endfor -%}
    {%- set map_texts = map_columns | select('in', maps) | list -%}
    (
        select
            {{ all_but(map_texts) if map_texts else '*' }}
            {%- for column in map_texts %},
            to_json({{ column }}) as {{ column }}
            {%- endfor %}
            {%- for column, keys in map_values.items() %}{% for key in keys %},
            {{ column ~ "['" ~ key ~ "']" if column in maps else json_text(column, key) }} as {{ column }}__{{ key }}
            {%- endfor %}{% endfor %}
        from (
            select
                {{ all_but(structs) if structs else '*' }}
                {%- for column in structs %},
                to_json({{ column }}) as {{ column }}
                {%- endfor %}
            from {{ lake_rows(reader) }}
        )
        where {{ where_parquet if (map_values | list + map_columns) | first in maps else where_csv }}
    )
{%- endmacro %}
