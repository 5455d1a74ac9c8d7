{{ config(
    materialized='incremental',
    pre_hook=[
        "{{ forget_files(ref('inputs__data_files')) }}",
        "{{ set_file_list('azure_parquet_files', \"decision = 'used' and file_kind = 'parquet' and reader like 'azure%' and \" ~ not_read_yet(), ref('inputs__data_files'), template_path('azure_cost_details', 'parquet')) }}",
    ]
) }}

-- One row per Parquet file of Azure that will be read: how many rows its footer tells.

with

files as (
    select * from {{ ref('inputs__data_files') }}
    where decision = 'used' and file_kind = 'parquet' and reader like 'azure%' and {{ not_read_yet() }}
)

select
    files.file_path,
    files.read_key,
    footers.row_count
from files
left join {{ parquet_footers() }} as footers
    on files.file_path = footers.file_path
