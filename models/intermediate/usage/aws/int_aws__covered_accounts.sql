{{ config(materialized='table') }}

-- One row per account and billing period: the delivery it comes from. Two deliveries with lines of the same account
-- and period would count its usage twice, so the build stops and names them.

with

lines as (
    select * from {{ ref('int_aws__usage_lines') }}
),

covered as (
    select
        account_id,
        usage_month,
        count(distinct source_delivery) as delivery_count,
        min(source_delivery) as first_delivery,
        max(source_delivery) as last_delivery
    from lines
    where account_id is not null
    group by account_id, usage_month
)

select
    account_id,
    usage_month,
    case
        when delivery_count > 1
            then {{ stop_build() }}(
                'Two exports hold usage of account ' || account_id || ' in '
                || coalesce({{ month_text('usage_month') }}, 'an unknown month') || ': ' || first_delivery || ' and '
                || last_delivery || '. Their usage would count twice: move one of them out of the input folder.'
            )
        else first_delivery
    end as source_delivery
from covered
