{{ config(severity='warn') }}

-- Several runs of one billing period, no manifest and no time in their names: the newest files count. A copy of the
-- folders sets new times and may turn the order round.

with

data_files as (
    select * from {{ ref('inputs__data_files') }}
    where manifest_path is null
),

undated as (
    select
        input_form,
        export_path,
        billing_period,
        min(case when decision = 'used' then file_path end) as used_file,
        min(case when decision = 'superseded' then file_path end) as superseded_file
    from data_files
    group by input_form, export_path, billing_period
    having
        count(distinct coalesce(run_folder, '')) > 1
        and count(*) > count({{ run_time('run_folder') }})
)

select
    used_file || ' counts and ' || superseded_file || ' does not, because of the times of the files alone. Add the'
    || ' manifests, or move the older run elsewhere.' as problem
from undated
where used_file is not null and superseded_file is not null
