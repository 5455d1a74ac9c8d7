-- One row per data file: does it belong to the newest version of its export and billing period? A manifest decides;
-- without one the newest run does. No data file is opened here.

with

files as (
    select
        *,
        -- Legacy reports for Athena lie one folder below their manifest.
        case
            when layout = 'cur_athena' then nullif(regexp_extract(export_path, '^(.*)/[^/]+$', 1), '')
            else export_path
        end as manifest_export_path
    from {{ ref('inputs__files') }}
    where file_kind in ('parquet', 'csv', 'table', 'unreadable')
),

manifests as (
    select * from {{ ref('inputs__current_manifests') }}
),

listed as (
    select * from {{ ref('inputs__manifest_files') }}
),

with_manifest as (
    select
        files.*,
        manifests.manifest_path,
        manifests.version as manifest_version,
        manifests.billing_account_id,
        manifests.export_type,
        exists(
            select 1
            from listed
            where
                listed.manifest_path = manifests.manifest_path
                and listed.listed_file_name = files.file_name
                and coalesce(listed.listed_run_folder, files.run_folder, '')
                = coalesce(files.run_folder, listed.listed_run_folder, '')
        ) as is_listed
    from files
    left join manifests
        on
            files.input_form = manifests.input_form
            and files.manifest_export_path is not distinct from manifests.export_path
            and (
                files.billing_period = manifests.billing_period
                or (
                    files.input_form like 'azure%'
                    and files.billing_period is null
                    and manifests.billing_period is null
                )
            )
),

-- Without a manifest the newest run counts: by the time in its name where all runs have one, else by the files'
-- times.
runs as (
    select
        input_form,
        export_path,
        billing_period,
        run_folder,
        {{ run_time('run_folder') }} as named_at,
        max(modified_at) as modified_at
    from with_manifest
    where manifest_path is null
    group by input_form, export_path, billing_period, run_folder
),

dated_runs as (
    select
        *,
        case
            when count(*) over period_runs = count(named_at) over period_runs then {{ utc_instant('named_at') }}
            else modified_at
        end as run_at
    from runs
    window period_runs as (partition by input_form, export_path, billing_period)
),

ranked_runs as (
    select
        *,
        rank() over (partition by input_form, export_path, billing_period order by run_at desc) as run_rank
    from dated_runs
)

select
    with_manifest.input_form,
    with_manifest.layout,
    with_manifest.file_path,
    with_manifest.file_name,
    with_manifest.file_kind,
    with_manifest.export_path,
    with_manifest.billing_period,
    with_manifest.billing_account_id,
    with_manifest.export_type,
    {{ delivery_form('with_manifest.input_form', 'with_manifest.export_type') }} as delivery_form,
    with_manifest.run_folder,
    with_manifest.manifest_path,
    with_manifest.file_bytes,
    with_manifest.modified_at,
    with_manifest.read_key,
    coalesce(with_manifest.manifest_version, with_manifest.run_folder) as version,
    case
        when with_manifest.manifest_path is not null then with_manifest.is_listed
        else ranked_runs.run_rank = 1
    end as is_newest
from with_manifest
left join ranked_runs
    on
        with_manifest.input_form = ranked_runs.input_form
        and with_manifest.export_path is not distinct from ranked_runs.export_path
        and with_manifest.billing_period is not distinct from ranked_runs.billing_period
        and with_manifest.run_folder is not distinct from ranked_runs.run_folder
