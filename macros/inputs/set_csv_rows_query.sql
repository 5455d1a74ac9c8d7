{#- Pre-hook of inputs__csv_rows: sets a variable to the text of a query that counts the rows of every CSV file of Azure
    that will be read, and those that have more or fewer fields than its header. Each file gets one column more than its
    header names: what stands there is surplus, and what is missing is NULL, since no field of a file is read as NULL.
    One thread reads a file, or the padding would not go with line breaks in quoted values. -#}
{% macro set_csv_rows_query() %}
    {%- if reads_tables() -%}{{ return('') }}{%- endif -%}
    set variable csv_rows_query = (
        with

        files as (
            select
                data_files.file_path,
                max(file_columns.header_width) as header_width
            from (
                select file_path from {{ ref('inputs__data_files') }}
                where decision = 'used' and file_kind = 'csv' and reader like 'azure%' and {{ not_read_yet() }}
            ) as data_files
            inner join {{ ref('inputs__file_columns') }} as file_columns
                on data_files.file_path = file_columns.file_path
            group by data_files.file_path
        )

        select coalesce(
            string_agg(
                format(
                    '(select {0} as file_path, {1} as header_width, row_number() over () as row_number,'
                    || ' last_field is null as is_short, surplus_field'
                    || ' from read_csv({0}, header = false, skip = 1, auto_detect = false, null_padding = true,'
                    || ' parallel = false, nullstr = ''<no field>'', columns = {{ '{{' }}{2}{{ '}}' }},'
                    || ' strict_mode = false, delim = '','', quote = ''"'', escape = ''"'', comment = '''','
                    || ' buffer_size = 2097152))',
                    '''' || replace(file_path, '''', '''''') || '''',
                    header_width,
                    array_to_string(
                        list_transform(
                            range(1, header_width + 2),
                            lambda number: '''' || case
                                when number = header_width then 'last_field'
                                when number = header_width + 1 then 'surplus_field'
                                else 'field_' || number
                            end || ''': ''varchar'''
                        ),
                        ', '
                    )
                ),
                ' union all '
            ),
            'select null::varchar as file_path, null::bigint as header_width, null::bigint as row_number,'
            || ' false as is_short, null::varchar as surplus_field where false'
        )
        from files
    )
{% endmacro %}
