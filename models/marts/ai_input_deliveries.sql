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
    {{ union_by_name([
        ref('int_aws__control_totals'), ref('int_azure__control_totals'), ref('int_ai_proxy__control_totals'),
    ]) }}
),

-- Azure files have to be read to tell which subscriptions they cover: only then some turn out to be outranked.
judged as (
    select
        data_files.*,
        control_totals.ai_line_count,
        control_totals.usage_amount_total,
        control_totals.cost_totals_json,
        control_totals.outranked_line_count,
        coalesce(control_totals.outranked_line_count > 0, false) as is_partly_outranked,
        coalesce(control_totals.outranked_line_count = control_totals.ai_line_count, false) as is_outranked,
        control_totals.outranked_by as lines_outranked_by
    from data_files
    left join control_totals
        on data_files.file_path = control_totals.file_path
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
    judged.source_delivery,
    files.export_path,
    files.billing_period,
    judged.version,
    case
        when judged.is_outranked then 'outranked'
        when files.file_kind = 'manifest' then 'manifest'
        else coalesce(judged.decision, 'ignored')
    end as decision,
    case
        when judged.is_partly_outranked
            then
                cast(judged.outranked_line_count as string) || ' of ' || cast(judged.ai_line_count as string)
                || ' lines are there as ' || judged.lines_outranked_by
                || ' for the same subscription and billing period, which comes first in azure_form_order'
        when files.file_kind = 'manifest' then 'tells which files a delivery has'
        else coalesce(judged.decision_reason, 'no data file')
    end as decision_reason,
    files.file_bytes,
    files.modified_at,
    case
        when judged.decision = 'used' then coalesce(judged.ai_line_count, snapshot_rows.row_count, 0)
    end as rows_read,
    judged.usage_amount_total,
    judged.cost_totals_json
from files
left join judged
    on files.file_path = judged.file_path
left join snapshot_rows
    on files.file_path = snapshot_rows.file_path
