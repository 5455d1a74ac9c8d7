-- One row per file that will be read but cannot be, as a message for the person who runs the build. A file that is
-- no Parquet file at all, or a compressed file that is cut off, stops DuckDB itself: its message names the file
-- too.

with

used_files as (
    select * from {{ ref('inputs__data_files') }}
    where decision = 'used'
),

file_columns as (
    select * from {{ ref('inputs__file_columns') }}
),

row_counts as (
    select * from {{ ref('inputs__row_counts') }}
),

export_columns as (
    select * from {{ ref('export_columns') }}
),

required_columns as (
    select
        reader,
        required_group,
        lower(column_name) as column_name,
        {{ text_list('column_name', "' or '", over='partition by reader, required_group') }} as wanted_columns
    from export_columns
    where required_group is not null
),

unreadable_files as (
    select
        file_path || ': this kind of compression cannot be read. Unpack the file, or set the export to GZIP or'
        || ' Parquet.' as problem
    from used_files
    where file_kind = 'unreadable' and input_form <> 'ai_proxy'
),

empty_files as (
    select file_path || ': the file is empty (0 bytes). Deliver it again, or move it out of the folder.' as problem
    from used_files
    where file_bytes = 0
),

missing_groups as (
    select
        used_files.file_path,
        required_columns.wanted_columns
    from used_files
    inner join required_columns
        on used_files.reader = required_columns.reader
    left join file_columns
        on
            used_files.file_path = file_columns.file_path
            and case
                -- The reader of these files renames what is only spelt differently.
                when used_files.reader like 'azure%' and used_files.file_kind <> 'parquet'
                    then
                        {{ header_word('required_columns.column_name') }}
                        = {{ header_word('file_columns.column_name') }}
                else required_columns.column_name = file_columns.column_name
            end
    where used_files.file_bytes is distinct from 0
    group by used_files.file_path, required_columns.required_group, required_columns.wanted_columns
    having count(file_columns.column_name) = 0
),

missing_columns as (
    select
        file_path || ': no column '
        || {{ text_list('wanted_columns', "', no column '", order_by='wanted_columns') }}
        || '. Add it to the export, or move the file out of the input folder if it is not a billing export.' as problem
    from missing_groups
    group by file_path
),

miscounted_files as (
    select
        file_path || ': ' || manifest_path || ' says the file has ' || listed_row_count || ' rows, but it has '
        || row_count || '. It is incomplete or damaged: deliver it again, or remove the manifest to go by the files'
        || ' alone.' as problem
    from row_counts
    where row_count <> listed_row_count
),

-- Copies made with Athena or Glue often hold maps as text.
flattened_maps as (
    select
        used_files.file_path || ': the column ' || export_columns.column_name || ' is not a map, as AWS delivers it.'
        || ' Put the export in as delivered, or write the column as map(varchar, varchar).' as problem
    from used_files
    inner join export_columns
        on used_files.reader = export_columns.reader and export_columns.column_type like 'map(%'
    inner join file_columns
        on
            used_files.file_path = file_columns.file_path
            and lower(export_columns.column_name) = file_columns.column_name
    where used_files.file_kind = 'parquet' and not file_columns.is_nested
)

select problem from unreadable_files
union all
select problem from empty_files
union all
select problem from missing_columns
union all
select problem from miscounted_files
union all
select problem from {{ ref('inputs__csv_rows') }}
where problem is not null
union all
select problem from flattened_maps
