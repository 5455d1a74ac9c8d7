{#- Pre-hooks of a reading model of Azure exports: its Parquet files, and a query that reads its CSV files. Columns that are
    only spelt differently (Meter Name, meter_name) get the name the model uses; files with the same spellings are read
    together. -#}
{% macro set_azure_reader_files(reader) %}
    {%- if reads_tables() -%}{{ return('') }}{%- endif -%}
    {{ set_file_list(
        'parquet_files',
        "reader = '" ~ reader ~ "' and file_kind = 'parquet' and " ~ not_read_yet(),
        ref('inputs__read_files'),
        first_path=template_path(reader, 'parquet')
    ) }};
    {%- set options = ("header = true, union_by_name = true, filename = 'file_path', " ~ azure_csv_dialect()) | replace("'", "''") %}
    set variable csv_query = (
        with

        files as (
            select file_path from {{ ref('inputs__read_files') }}
            where reader = '{{ reader }}' and file_kind = 'csv' and {{ not_read_yet() }}
        ),

        wanted as (
            select column_name from {{ ref('export_columns') }}
            where reader = '{{ reader }}'
        ),

        file_columns as (
            select * from {{ ref('inputs__file_columns') }}
        ),

        renames as (
            select
                files.file_path,
                string_agg(
                    '"' || replace(misspelt.column_text, '"', '""') || '" as "' || wanted.column_name || '"', ', '
                    order by wanted.column_name
                ) as rename_list
            from files
            inner join file_columns as misspelt
                on files.file_path = misspelt.file_path
            inner join wanted
                on {{ header_word('misspelt.column_text') }} = {{ header_word('wanted.column_name') }}
            left join file_columns as spelt
                on files.file_path = spelt.file_path and lower(wanted.column_name) = lower(spelt.column_text)
            where spelt.file_path is null
            group by files.file_path
        ),

        readers as (
            select
                format(
                    ' union all by name select *{} from read_csv([{}], {{ options }})',
                    coalesce(' rename (' || renames.rename_list || ')', ''),
                    string_agg('''' || replace(files.file_path, '''', '''''') || '''', ', ' order by files.file_path)
                ) as reader
            from files
            left join renames
                on files.file_path = renames.file_path
            group by renames.rename_list
        )

        select
            'select * from read_csv([''{{ template_path(reader, "csv") }}''], {{ options }})'
            || coalesce(string_agg(reader, '' order by reader), '')
        from readers
    );
{% endmacro %}
