-- Grain: input file. Every file seen below the input locations: read, or left aside and why; for the files that
-- were read, control totals of the AI lines in them, taken while they were read.

with

files as (
    select * from {{ ref('inputs__files') }}
),

data_files as (
    select * from {{ ref('inputs__data_files') }}
),

control_totals as (
    select * from {{ ref('int_aws__control_totals') }}
),

snapshot_rows as (
    select
        file_path,
        count(*) as row_count
    from {{ ref('stg_model_power__snapshots') }}
    group by file_path
)

select
    files.file_path,
    files.input_form,
    files.file_kind,
    data_files.source_delivery,
    files.export_path,
    files.billing_period,
    data_files.version,
    coalesce(data_files.decision, case when files.file_kind = 'manifest' then 'manifest' else 'ignored' end)
        as decision,
    coalesce(
        data_files.decision_reason,
        case when files.file_kind = 'manifest' then 'tells which files a delivery has' else 'no data file' end
    ) as decision_reason,
    files.file_bytes,
    files.modified_at,
    case
        when data_files.decision = 'used'
            then coalesce(control_totals.ai_line_count, snapshot_rows.row_count, 0)
    end as rows_read,
    control_totals.usage_amount_total,
    control_totals.cost_totals_json
from files
left join data_files
    on files.file_path = data_files.file_path
left join control_totals
    on files.file_path = control_totals.file_path
left join snapshot_rows
    on files.file_path = snapshot_rows.file_path
