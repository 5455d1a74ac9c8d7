{{ config(
    materialized='incremental',
    pre_hook=["{{ forget_files(ref('inputs__data_files')) }}", "{{ set_csv_rows_query() }}"]
) }}

-- One row per CSV file of Azure that will be read: how many rows it has, and which of them have more or fewer fields
-- than the header. The reader of these files has to be tolerant, and deep in a file it drops surplus fields in silence:
-- an unquoted comma would move every value after it into the next column.

with

files as (
    select * from {{ ref('inputs__data_files') }}
    where decision = 'used' and file_kind = 'csv' and reader like 'azure%' and {{ not_read_yet() }}
),

csv_rows as (
    select
        file_path,
        header_width,
        row_number,
        is_short,
        surplus_field is not null as is_long,
        coalesce(surplus_field <> '', false) as has_surplus_text
    from {{ csv_field_counts() }}
),

counts as (
    select
        file_path,
        -- Of one type whether there are files or not: the table is kept between builds.
        cast(max(header_width) as bigint) as header_width,
        count(*) as row_count,
        count_if(is_short) as short_row_count,
        count_if(is_long) as long_row_count,
        bool_or(has_surplus_text) as has_surplus_text,
        min(case when is_short then row_number end) as first_short_row,
        min(case when is_long then row_number end) as first_long_row
    from csv_rows
    group by file_path
),

counted as (
    select
        files.file_path,
        files.read_key,
        counts.header_width,
        coalesce(counts.row_count, 0) as row_count,
        counts.short_row_count,
        counts.long_row_count,
        counts.has_surplus_text,
        counts.first_short_row,
        counts.first_long_row
    from files
    left join counts
        on files.file_path = counts.file_path
)

select
    file_path,
    read_key,
    header_width,
    row_count,
    short_row_count,
    long_row_count,
    case
        -- A comma at the end of every line parts nothing.
        when short_row_count = 0 and long_row_count = row_count and not has_surplus_text then null
        when short_row_count + long_row_count > 0
            then
                file_path || ': row ' || least(first_short_row, first_long_row) || ' below the header has '
                || case when first_long_row < coalesce(first_short_row, first_long_row + 1) then 'more' else 'fewer' end
                || ' fields than the header, which has ' || header_width || '; ' || (short_row_count + long_row_count)
                || ' of ' || row_count || ' rows are so. Their values would stand in the wrong columns: deliver the'
                || ' file again, or quote what holds a comma.'
    end as problem
from counted
