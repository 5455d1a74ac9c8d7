{{ config(pre_hook="{{ list_closed_files() }}") }}

-- One row per file of the packs of closed periods, with its hash, and per seal kept beside them. Every byte is read
-- in every build: figures that were reported must not change unseen.

with

files as (
    select
        file_path,
        regexp_extract(file_path, '(.*/period=[^/]+/revision=[^/]+)/', 1) as pack_path,
        regexp_extract(file_path, '/seals/([^/]+)[.][0-9]+[.]sha256$', 1) as seal_period,
        regexp_extract(file_path, '/seals/[^/]+[.]([0-9]+)[.]sha256$', 1) as seal_revision,
        sha256,
        file_text
    from {{ closed_file_contents() }}
)

select
    file_path,
    nullif(pack_path, '') as pack_path,
    case when pack_path <> '' then substr(file_path, length(pack_path) + 2) end as file_name,
    coalesce(nullif(regexp_extract(pack_path, 'period=([^/]+)/revision=[^/]+$', 1), ''), seal_period) as period,
    try_cast(
        coalesce(nullif(regexp_extract(pack_path, 'revision=([0-9]+)$', 1), ''), seal_revision) as integer
    ) as closed_revision,
    sha256,
    file_text
from files
