-- One row per export and billing period that has a manifest: the one that counts. A manifest of AWS outside a run
-- folder is rewritten with every delivery; where there are only manifests of runs, the newest counts.

with

manifests as (
    select distinct
        input_form,
        manifest_path,
        export_path,
        billing_period,
        run_folder,
        modified_at,
        is_readable,
        billing_account_id,
        version,
        export_type,
        submitted_at
    from {{ ref('inputs__manifest_files') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by input_form, export_path, billing_period
            order by
                input_form like 'aws%' and run_folder is not null,
                submitted_at desc nulls last,
                {{ run_time('run_folder') }} desc nulls last,
                modified_at desc,
                manifest_path asc
        ) as manifest_rank
    from manifests
)

select
    input_form,
    manifest_path,
    export_path,
    billing_period,
    is_readable,
    billing_account_id,
    version,
    export_type
from ranked
where manifest_rank = 1
