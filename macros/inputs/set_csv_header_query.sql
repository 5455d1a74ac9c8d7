{#- Pre-hook of inputs__file_columns: sets a variable to the text of a query that reads the first line of every CSV file
    to be read. One query per file is the only way DuckDB reads a line per file without scanning them all. -#}
{% macro set_csv_header_query() %}
    {%- if reads_tables() -%}{{ return('') }}{%- endif -%}
    set variable csv_header_query = (
        select coalesce(
            string_agg(
                format(
                    '(select {0} as file_path, [*columns(*)] as column_names from read_csv({0}, header = false, strict_mode = false, {{ csv_dialect() | replace("'", "''") }}) limit 1)',
                    '''' || replace(file_path, '''', '''''') || ''''
                ),
                ' union all '
            ),
            'select null::varchar as file_path, null::varchar[] as column_names where false'
        )
        from {{ ref('inputs__data_files') }}
        where decision = 'used' and file_kind = 'csv' and file_bytes > 0 and {{ not_read_yet() }}
    )
{% endmacro %}
