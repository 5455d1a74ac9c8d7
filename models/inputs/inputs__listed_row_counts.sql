-- One row per file that is read and whose manifest says how many rows it has.

with

used_files as (
    select * from {{ ref('inputs__data_files') }}
    where decision = 'used'
),

listed as (
    select * from {{ ref('inputs__manifest_files') }}
    where listed_row_count is not null
)

select
    used_files.file_path,
    used_files.file_kind,
    used_files.file_bytes,
    used_files.manifest_path,
    max(listed.listed_row_count) as listed_row_count
from used_files
inner join listed
    on
        used_files.manifest_path = listed.manifest_path
        and used_files.file_name = listed.listed_file_name
        and coalesce(used_files.run_folder, listed.listed_run_folder, '')
        = coalesce(listed.listed_run_folder, used_files.run_folder, '')
group by used_files.file_path, used_files.file_kind, used_files.file_bytes, used_files.manifest_path
