{{ config(severity='warn') }}

-- A delivery is left out where another form holds the same billing period. That is wrong if the other form holds no
-- AI line of the period, or belongs to another payer that no manifest names. (Azure deliveries are only left out unread
-- if their manifests name the same scope.)

with

data_files as (
    select * from {{ ref('inputs__data_files') }}
),

deliveries as (
    select * from {{ ref('inputs__deliveries') }}
),

control_totals as (
    select file_path from {{ ref('int_aws__control_totals') }}
    union all
    select file_path from {{ ref('int_azure__control_totals') }}
),

used_lines as (
    select
        data_files.delivery_form,
        data_files.billing_period,
        count(control_totals.file_path) as file_count
    from data_files
    left join control_totals
        on data_files.file_path = control_totals.file_path
    where data_files.decision = 'used'
    group by data_files.delivery_form, data_files.billing_period
),

outranked as (
    select
        min(data_files.file_path) as file_path,
        data_files.billing_period,
        deliveries.outranked_by,
        max(deliveries.billing_account_id) as billing_account_id
    from data_files
    inner join deliveries
        on
            data_files.input_form = deliveries.input_form
            and data_files.export_path is not distinct from deliveries.export_path
            and data_files.billing_period is not distinct from deliveries.billing_period
    where data_files.decision = 'outranked'
    group by data_files.export_path, data_files.billing_period, deliveries.outranked_by
)

select
    outranked.file_path || ' is left out for the same period as ' || outranked.outranked_by || ', '
    || case
        when coalesce(used_lines.file_count, 0) = 0 then 'which holds no AI usage of it'
        else 'and no manifest says that both belong to one payer'
    end
    || '. If that is not the same usage, change the order of the forms or move one of them to another data root.'
        as problem
from outranked
left join used_lines
    on
        outranked.outranked_by = used_lines.delivery_form
        and outranked.billing_period = used_lines.billing_period
where coalesce(used_lines.file_count, 0) = 0 or outranked.billing_account_id is null
