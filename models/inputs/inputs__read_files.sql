-- One row per file that is read: the list the reading models go by. With any problem the build stops here, before a
-- billing line is read, and the last good marts stay. Files with the same read_key are read together.

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

-- AWS writes a billing period anew as a whole: its files are read together and their lines summed across them. Files of
-- no stated period, and those whose prices are read file by file (Azure), stand alone.
with_readings as (
    select
        *,
        case
            when reader like 'aws%' and billing_period is not null
                then concat_ws(' ', reader, source_delivery)
            else file_path
        end as read_together
    from data_files
),

readings as (
    select
        read_together,
        {{ text_list('read_key', "' '", order_by='read_key') }} as read_keys
    from with_readings
    group by read_together
),

verdict as (
    select
        count(problem) as problem_count,
        {{ text_list('problem', 'chr(10)', order_by='problem') }} as message
    from problems
)

select
    with_readings.reader,
    with_readings.file_path,
    with_readings.file_kind,
    with_readings.source_delivery,
    with_readings.export_path,
    with_readings.billing_period,
    with_readings.delivery_form,
    with_readings.form_rank,
    md5(readings.read_keys) as read_key
from verdict
-- The row of the verdict stays where there are no files, so that it is looked at in any case.
left join with_readings
    on true
left join readings
    on with_readings.read_together = readings.read_together
where
    case
        when verdict.problem_count > 0
            then {{ stop_build() }}('The inputs cannot be used.' || chr(10) || verdict.message)
        else with_readings.file_path is not null
    end
