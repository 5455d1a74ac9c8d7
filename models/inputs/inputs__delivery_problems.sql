-- One row per delivery that cannot be trusted, as a message for the person who runs the build. Manifests of
-- outranked deliveries do not matter: those are not read.

with

data_files as (
    select * from {{ ref('inputs__data_files') }}
),

manifests as (
    select manifests.*
    from {{ ref('inputs__current_manifests') }} as manifests
    inner join {{ ref('inputs__deliveries') }} as deliveries
        on
            manifests.input_form = deliveries.input_form
            and manifests.export_path is not distinct from deliveries.export_path
            and manifests.billing_period is not distinct from deliveries.billing_period
    where deliveries.outranked_by is null
),

listed_files as (
    select * from {{ ref('inputs__manifest_files') }}
    where listed_file is not null
),

no_input as (
    select
        {{ sql_text('No billing export found. Looked below: ' ~ input_locations().values() | join(', ')) }}
        || '. Set AI_EMISSIONS_DATA_ROOT (Spark: AI_EMISSIONS_LAKE_SCHEMA) to what holds exports or records.' as problem
    where not exists (
        select 1 from data_files
        where input_form <> 'model_power'
    )
),

unreadable_manifests as (
    select
        manifest_path || ': the manifest cannot be read as JSON. Deliver it again, or remove it to go by the files'
        || ' alone.' as problem
    from manifests
    where not is_readable
),

-- Going by such a manifest would leave out every file of the period in silence.
manifests_without_list as (
    select
        manifests.manifest_path
        || ': the manifest lists no data files under a name this project knows (reportKeys, dataFiles, blobs), though'
        || ' files of its billing period are there. Remove the manifest to go by the files alone, and report its'
        || ' format.'
            as problem
    from manifests
    where
        manifests.is_readable
        and manifests.manifest_path not in (select listed_files.manifest_path from listed_files)
        and manifests.manifest_path in (
            select data_files.manifest_path from data_files
            where data_files.manifest_path is not null
        )
),

absent_files as (
    select
        manifests.manifest_path
        || ': the manifest lists '
        || listed_files.listed_file
        || ', which is not there. Wait for'
        || ' the delivery to complete or copy the missing file; to go by the files alone, remove the manifest.'
            as problem
    from manifests
    inner join listed_files
        on manifests.manifest_path = listed_files.manifest_path
    left join data_files
        on
            listed_files.manifest_path = data_files.manifest_path
            and listed_files.listed_file_name = data_files.file_name
            and coalesce(listed_files.listed_run_folder, data_files.run_folder, '')
            = coalesce(data_files.run_folder, listed_files.listed_run_folder, '')
    where data_files.file_path is null
),

unordered_runs as (
    select
        min(file_path)
        || ' and '
        || max(file_path)
        || ': two versions of one billing period, and neither a manifest nor'
        || ' the times of the files say which is newer. Add the manifest, or move the older version elsewhere.'
            as problem
    from data_files
    where decision = 'used' and manifest_path is null
    group by input_form, export_path, billing_period
    having count(distinct coalesce(run_folder, '')) > 1
),

-- An export overwritten in another format leaves the old files behind; both hold the whole month.
two_formats as (
    select
        min(case when file_kind = 'csv' then file_path end)
        || ' and '
        || min(case when file_kind = 'parquet' then file_path end)
        || ': one billing period as CSV and as Parquet side by side. Only one of them can count: move the older files'
        || ' elsewhere, or add the manifest.' as problem
    from data_files
    where decision = 'used' and manifest_path is null and billing_period is not null
    group by input_form, export_path, billing_period, run_folder
    having count(distinct file_kind) > 1
)

select problem from no_input
union all
select problem from unreadable_manifests
union all
select problem from manifests_without_list
union all
select problem from absent_files
union all
select problem from unordered_runs
union all
select problem from two_formats
