{{ config(pre_hook=[
    "{{ set_file_list('counted_parquet_files', \"file_kind = 'parquet' and listed_row_count is not null\", ref('inputs__listed_row_counts'), template_path('azure_cost_details', 'parquet')) }}",
    "{{ set_file_list('counted_csv_files', \"file_kind = 'csv' and file_bytes > 0 and listed_row_count is not null\", ref('inputs__listed_row_counts'), template_path('azure_cost_details', 'csv')) }}",
]) }}

-- One row per file whose manifest says how many rows it has: how many are there. Only exports of Azure say so. Parquet
-- files tell it in their footer; CSV files are read once more for it, without their values being looked at: it is the
-- only way to see that a tolerant reader has lost a line.

with

parquet_counts as (
    select
        file_name as file_path,
        num_rows as row_count
    from parquet_file_metadata(getvariable('counted_parquet_files'))
),

csv_counts as (
    select
        file_path,
        count(*) as row_count
    from
        read_csv(
            getvariable('counted_csv_files'),
            header = true, union_by_name = true, filename = 'file_path', {{ azure_csv_dialect() }}
        )
    group by file_path
),

counts as (
    select * from parquet_counts
    union all
    select * from csv_counts
)

select
    listed.file_path,
    listed.manifest_path,
    listed.listed_row_count,
    coalesce(counts.row_count, 0) as row_count
from {{ ref('inputs__listed_row_counts') }} as listed
left join counts
    on listed.file_path = counts.file_path
