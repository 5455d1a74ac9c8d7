{{ config(
    materialized='incremental',
    pre_hook=[
        "{{ forget_files(ref('inputs__data_files')) }}",
        "{{ set_file_list('parquet_files', \"decision = 'used' and file_kind = 'parquet' and \" ~ not_read_yet(), ref('inputs__data_files'), template_path('aws_cur2', 'parquet')) }}",
        "{{ set_csv_header_query() }}",
    ]
) }}

-- One row per column of each file that will be read. Only Parquet footers and the first line of CSV files are read.

with

files as (
    select * from {{ ref('inputs__data_files') }}
    where decision = 'used' and {{ not_read_yet() }}
),

parquet_columns as (
    select
        file_name as file_path,
        name as column_name,
        coalesce(num_children, 0) > 0 as is_nested,
        cast(null as bigint) as header_width
    from parquet_schema(getvariable('parquet_files'))
),

csv_columns as (
    select
        file_path,
        unnest(column_names) as column_name,
        false as is_nested,
        -- A first line with surplus fields makes the header look wider than it is.
        list_count(column_names) as header_width
    from query(getvariable('csv_header_query'))
),

file_columns as (
    select * from parquet_columns
    union
    select * from csv_columns
)

select
    files.file_path,
    files.read_key,
    lower(trim(file_columns.column_name)) as column_name,
    file_columns.column_name as column_text,
    file_columns.is_nested,
    file_columns.header_width
from files
inner join file_columns
    on files.file_path = file_columns.file_path
