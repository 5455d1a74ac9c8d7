-- One row per file that is read: the list the reading models go by. With any problem the build stops here, before a
-- billing line is read, and the last good marts stay.

with

data_files as (
    select * from {{ ref('inputs__data_files') }}
    where decision = 'used'
),

problems as (
    select problem from {{ ref('inputs__delivery_problems') }}
    union all
    select problem from {{ ref('inputs__file_problems') }}
    union all
    select problem from {{ ref('inputs__telemetry_problems') }}
),

verdict as (
    select
        count(problem) as problem_count,
        {{ text_list('problem', 'chr(10)', order_by='problem') }} as message
    from problems
)

select
    data_files.reader,
    data_files.file_path,
    data_files.file_kind,
    data_files.source_delivery,
    data_files.export_path,
    data_files.billing_period,
    data_files.delivery_form,
    data_files.form_rank,
    data_files.read_key
from verdict
-- The row of the verdict stays where there are no files, so that it is looked at in any case.
left join data_files
    on true
where
    case
        when verdict.problem_count > 0
            then {{ stop_build() }}('The inputs cannot be used.' || chr(10) || verdict.message)
        else data_files.file_path is not null
    end
