{{ config(materialized='table') }}

-- One row per delivery, subscription and billing period: does it count, or is the same usage there in a form that comes
-- first in azure_form_order? Only the lines tell which subscriptions a delivery covers. Two deliveries of one form for
-- the same subscription and period would count its usage twice, so the build stops and names them.

with

lines as (
    select * from {{ ref('int_azure__usage_lines') }}
),

read_files as (
    select distinct
        source_delivery,
        delivery_form
    from {{ ref('inputs__read_files') }}
),

form_order as (
    {% for form in var('azure_form_order') %}
    select
        'azure_{{ form }}' as delivery_form,
        {{ loop.index }} as form_rank
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- Without a manifest actual and amortized cost look alike, but only amortized cost has lines of unused commitment.
deliveries as (
    select
        lines.source_delivery,
        case
            when
                max(read_files.delivery_form) = 'azure_actual' and count_if(lower(lines.charge_type) like 'unused%') > 0
                then 'azure_amortized'
            else max(read_files.delivery_form)
        end as delivery_form
    from lines
    left join read_files
        on lines.source_delivery = read_files.source_delivery
    group by lines.source_delivery
),

covered as (
    select
        lines.source_delivery,
        lines.account_id,
        lines.usage_month,
        max(deliveries.delivery_form) as delivery_form,
        max(form_order.form_rank) as form_rank
    from lines
    left join deliveries
        on lines.source_delivery = deliveries.source_delivery
    left join form_order
        on deliveries.delivery_form = form_order.delivery_form
    group by lines.source_delivery, lines.account_id, lines.usage_month
),

ranked as (
    select
        *,
        min(form_rank) over (partition by account_id, usage_month) as best_rank,
        first_value(delivery_form) over (
            partition by account_id, usage_month
            order by form_rank asc nulls last, source_delivery asc
        ) as counted_form,
        count(*) over (partition by account_id, usage_month, form_rank) as rival_count,
        min(source_delivery) over (partition by account_id, usage_month, form_rank) as first_delivery,
        max(source_delivery) over (partition by account_id, usage_month, form_rank) as last_delivery
    from covered
),

judged as (
    select
        *,
        -- A form the order does not name comes last.
        coalesce(form_rank > best_rank, best_rank is not null) as is_outranked
    from ranked
)

select
    source_delivery,
    account_id,
    usage_month,
    delivery_form,
    case
        when account_id is not null and rival_count > 1 and not is_outranked
            then error(
                'Two exports hold usage of subscription ' || account_id || ' in '
                || coalesce(strftime(usage_month, '%Y-%m'), 'an unknown month') || ': ' || first_delivery || ' and '
                || last_delivery || '. Their usage would count twice: move one of them out of the input folder.'
            )
        else is_outranked
    end as is_outranked,
    case when is_outranked then counted_form end as outranked_by
from judged
