{{ config(pre_hook=[
    "{{ set_file_list('parquet_files', \"decision = 'used' and file_kind = 'parquet'\", ref('inputs__data_files'), template_path('aws_cur2', 'parquet')) }}",
    "{{ set_csv_header_query() }}",
]) }}

-- One row per column of each file that will be read. Only Parquet footers and the first line of CSV files are read.

with

parquet_columns as (
    select
        file_name as file_path,
        name as column_name,
        coalesce(num_children, 0) > 0 as is_nested
    from parquet_schema(getvariable('parquet_files'))
),

csv_columns as (
    select
        file_path,
        unnest(column_names) as column_name,
        false as is_nested
    from query(getvariable('csv_header_query'))
)

select
    file_path,
    lower(trim(column_name)) as column_name,
    column_name as column_text,
    is_nested
from parquet_columns
union
select
    file_path,
    lower(trim(column_name)) as column_name,
    column_name as column_text,
    is_nested
from csv_columns
