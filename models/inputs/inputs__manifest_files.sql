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
    select * from {{ manifest_texts() }}
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
        coalesce({{ is_json('contents.body') }}, false) as is_readable,
        case when {{ is_json('contents.body') }} then contents.body end as body
    from manifests
    left join contents
        on manifests.file_path = contents.file_path
),

-- Legacy reports and Data Exports of AWS and exports of Azure name the same things differently.
read as (
    select
        *,
        coalesce(
            {{ json_text('body', 'account') }},
            nullif(regexp_extract({{ json_text('body', 'exportArn') }}, ':([0-9]{12}):', 1), ''),
            -- The scope of an Azure export stands before its own name.
            lower(
                regexp_extract(
                    {{ json_text('body', 'exportConfig.resourceId') }},
                    '^(.*?)(?i:/providers/microsoft[.]costmanagement/.*)?$', 1
                )
            )
        ) as billing_account_id,
        coalesce(
            {{ json_text('body', 'assemblyId') }},
            {{ json_text('body', 'executionId') }},
            {{ json_text('body', 'runInfo.runId') }},
            -- An export of Azure that keeps its runs: the folder of the run.
            case when input_form like 'azure%' then run_folder end
        ) as version,
        {{ json_text('body', 'exportConfig.type') }} as export_type,
        {{ try_utc_time(json_text('body', 'runInfo.submittedTime')) }} as submitted_at
    from parsed
),

listed as (
    {% for key in ['reportKeys', 'dataFiles'] %}
    select
        manifest_path,
        entry as listed_file,
        cast(null as bigint) as listed_row_count
    from ({{ json_list('parsed', 'manifest_path', 'body', key) }}) as entries
    union all
    {% endfor %}
    select
        manifest_path,
        {{ json_text('entry', 'blobName') }} as listed_file,
        cast({{ json_text('entry', 'dataRowCount') }} as bigint) as listed_row_count
    from ({{ json_list('parsed', 'manifest_path', 'body', 'blobs') }}) as entries
    where {{ json_text('entry', 'blobName') }} is not null
),

-- The listed path is the full key of the bucket: the run folder is read out of it, not compared as a whole.
run_folders as (
    select
        read.manifest_path,
        listed.listed_file,
        nullif(regexp_extract(listed.listed_file, layouts.path_pattern, 3), '') as run_folder,
        row_number() over (partition by read.manifest_path, listed.listed_file order by layouts.rank) as choice
    from read
    inner join listed
        on read.manifest_path = listed.manifest_path
    inner join layouts
        on
            read.input_form = layouts.input_form
            and {{ regex_matches('listed.listed_file', 'layouts.path_pattern') }}
)

select
    {{ all_but(['body'], 'read') }},
    listed.listed_file,
    listed.listed_row_count,
    regexp_extract(listed.listed_file, '[^/]+$', 0) as listed_file_name,
    run_folders.run_folder as listed_run_folder
from read
left join listed
    on read.manifest_path = listed.manifest_path
left join run_folders
    on
        listed.manifest_path = run_folders.manifest_path
        and listed.listed_file = run_folders.listed_file
        and run_folders.choice = 1
