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
    {{ parquet_columns() }}
),

csv_columns as (
    {{ csv_columns() }}
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
