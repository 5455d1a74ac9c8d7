{{ config(
    materialized='incremental',
    pre_hook=[
        "{{ forget_files(ref('inputs__files')) }}",
        "{{ set_file_list('manifest_files', \"file_kind = 'manifest' and \" ~ not_read_yet(), ref('inputs__files')) }}",
    ]
) }}

-- One row per manifest and data file it lists; a manifest that lists nothing has one row without a file.
-- A manifest that cannot be read has is_readable = false: it only matters if its delivery is the one that counts.

with

manifests as (
    select * from {{ ref('inputs__files') }}
    where file_kind = 'manifest' and {{ not_read_yet() }}
),

layouts as (
    select * from {{ ref('export_layouts') }}
),

contents as (
    select
        filename as file_path,
        try(decode(content)) as body
    from read_blob(getvariable('manifest_files'))
),

parsed as (
    select
        manifests.input_form,
        manifests.file_path as manifest_path,
        manifests.export_path,
        manifests.billing_period,
        manifests.run_folder,
        manifests.modified_at,
        manifests.read_key,
        coalesce(json_valid(contents.body), false) as is_readable,
        case when json_valid(contents.body) then contents.body end as body
    from manifests
    left join contents
        on manifests.file_path = contents.file_path
),

-- Legacy reports and Data Exports of AWS and exports of Azure name the same things differently.
read as (
    select
        *,
        coalesce(
            json_extract_string(body, '$.account'),
            nullif(regexp_extract(json_extract_string(body, '$.exportArn'), ':([0-9]{12}):', 1), ''),
            -- The scope of an Azure export stands before its own name.
            lower(
                regexp_extract(
                    json_extract_string(body, '$.exportConfig.resourceId'),
                    '^(.*?)(?i:/providers/microsoft\.costmanagement/.*)?$', 1
                )
            )
        ) as billing_account_id,
        coalesce(
            json_extract_string(body, '$.assemblyId'),
            json_extract_string(body, '$.executionId'),
            json_extract_string(body, '$.runInfo.runId'),
            -- An export of Azure that keeps its runs: the folder of the run.
            case when input_form like 'azure%' then run_folder end
        ) as version,
        json_extract_string(body, '$.exportConfig.type') as export_type,
        {{ try_utc_time("json_extract_string(body, '$.runInfo.submittedTime')") }} as submitted_at,
        list_concat(
            coalesce(json_extract_string(body, '$.reportKeys[*]'), []),
            coalesce(json_extract_string(body, '$.dataFiles[*]'), []),
            coalesce(json_extract_string(body, '$.blobs[*].blobName'), [])
        ) as listed_files,
        coalesce(json_extract_string(body, '$.blobs[*].blobName'), []) as blob_names,
        coalesce(json_extract_string(body, '$.blobs[*].dataRowCount'), []) as blob_row_counts
    from parsed
),

listed as (
    select
        read.*,
        unnest(case when len(read.listed_files) = 0 then [null] else read.listed_files end) as listed_file
    from read
)

select
    listed.input_form,
    listed.manifest_path,
    listed.export_path,
    listed.billing_period,
    listed.run_folder,
    listed.modified_at,
    listed.read_key,
    listed.is_readable,
    listed.billing_account_id,
    listed.version,
    listed.export_type,
    listed.submitted_at,
    listed.listed_file,
    case
        when len(listed.blob_names) = len(listed.blob_row_counts)
            then cast(listed.blob_row_counts[list_position(listed.blob_names, listed.listed_file)] as bigint)
    end as listed_row_count,
    regexp_extract(listed.listed_file, '[^/]+$') as listed_file_name,
    -- The listed path is the full key of the bucket: the run folder is read out of it, not compared as a whole.
    (
        select nullif(regexp_extract(listed.listed_file, layouts.path_pattern, 3), '')
        from layouts
        where
            layouts.input_form = listed.input_form
            and regexp_matches(listed.listed_file, layouts.path_pattern)
        order by layouts.rank
        limit 1
    ) as listed_run_folder
from listed
