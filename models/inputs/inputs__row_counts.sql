-- One row per file whose manifest says how many rows it has: how many are there. Only exports of Azure say so. Parquet
-- files tell it in their footer; CSV files are read once more for it, without their values being looked at: it is the
-- only way to see that a tolerant reader has lost a line.

with

parquet_counts as (
    select
        file_path,
        row_count
    from {{ ref('inputs__parquet_rows') }}
),

csv_counts as (
    select
        file_path,
        row_count
    from {{ ref('inputs__csv_rows') }}
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
