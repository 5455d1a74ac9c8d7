{{ config(severity='warn') }}

-- Days of a month that the first form of azure_form_order does not reach count from another form: right while both tell
-- of the same bill, but worth a look. Where manifests name the same scope, the other form is not even opened: a first
-- form that begins late in the month may then hide the days before.

with

covered_accounts as (
    select * from {{ ref('int_azure__covered_accounts') }}
),

counted as (
    select
        account_id,
        usage_month,
        delivery_form,
        min(usage_date) as first_day,
        max(usage_date) as last_day
    from covered_accounts
    where not is_outranked
    group by account_id, usage_month, delivery_form
),

mixed as (
    select
        'Subscription ' || coalesce(account_id, '(none)') || ', ' || {{ month_text('usage_month') }}
        || ', counts from several forms of export: '
        || {{ text_list(
            "delivery_form || ' ' || cast(first_day as string) || ' to ' || cast(last_day as string)", "', '",
            order_by='first_day, delivery_form'
        ) }}
        || '. Compare the days with the bill; to count one form only, move the other out of the input folder.'
            as problem
    from counted
    group by account_id, usage_month
    having count(*) > 1
),

data_files as (
    select * from {{ ref('inputs__data_files') }}
),

deliveries as (
    select * from {{ ref('inputs__deliveries') }}
    where input_form like 'azure%'
),

first_days as (
    select
        deliveries.delivery_form,
        deliveries.billing_account_id,
        deliveries.billing_period,
        min(covered_accounts.usage_date) as first_day
    from deliveries
    inner join data_files
        on
            deliveries.input_form = data_files.input_form
            and deliveries.export_path is not distinct from data_files.export_path
            and deliveries.billing_period = data_files.billing_period
            and data_files.decision = 'used'
    inner join covered_accounts
        on data_files.source_delivery = covered_accounts.source_delivery
    group by deliveries.delivery_form, deliveries.billing_account_id, deliveries.billing_period
),

unread as (
    select
        coalesce(deliveries.export_path, deliveries.input_form) || ' is not opened, since '
        || deliveries.outranked_by || ' comes first in azure_form_order; but that holds no AI line of '
        || {{ month_text('deliveries.billing_period') }} || ' before ' || cast(first_days.first_day as string)
        || '. If there was usage before that day, move the other export of that month out of the input folder or change'
        || ' azure_form_order.' as problem
    from deliveries
    inner join first_days
        on
            deliveries.outranked_by = first_days.delivery_form
            and deliveries.billing_account_id = first_days.billing_account_id
            and deliveries.billing_period = first_days.billing_period
    where
        first_days.first_day > deliveries.billing_period + interval {{ var('late_start_days') }} day
)

select problem from mixed
union all
select problem from unread
