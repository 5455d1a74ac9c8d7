{{ config(materialized='table') }}

-- One row per delivery, subscription, billing period and day: does it count, or is the same usage there in a form that
-- comes first in azure_form_order? That form counts from its first to its last day and leaves the others to the next
-- one. Folders of one export complete each other; two exports, or two folders with the same day, would count usage
-- twice, so the build stops and names them. Only the lines tell which subscriptions a delivery covers.

with

lines as (
    select * from {{ ref('int_azure__usage_lines') }}
),

read_files as (
    select distinct
        source_delivery,
        delivery_form,
        reader || ':' || coalesce(export_path, '') as export_name
    from {{ ref('inputs__read_files') }}
),

-- Without a manifest actual and amortized cost look alike, but only amortized cost has lines of unused commitment.
deliveries as (
    select
        lines.source_delivery,
        max(read_files.export_name) as export_name,
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
        lines.usage_date,
        max(deliveries.export_name) as export_name,
        max(deliveries.delivery_form) as delivery_form,
        -- A form the order does not name comes last.
        case max(deliveries.delivery_form)
            {%- for form in var('azure_form_order') %}
            when 'azure_{{ form }}' then {{ loop.index }}
            {%- endfor %}
            else {{ var('azure_form_order') | length + 1 }}
        end as form_rank
    from lines
    left join deliveries
        on lines.source_delivery = deliveries.source_delivery
    group by lines.source_delivery, lines.account_id, lines.usage_month, lines.usage_date
),

forms as (
    select
        account_id,
        usage_month,
        form_rank,
        max(delivery_form) as delivery_form,
        min(usage_date) as first_day,
        max(usage_date) as last_day
    from covered
    group by account_id, usage_month, form_rank
),

ranked as (
    select
        covered.*,
        min_by(forms.delivery_form, forms.form_rank) as outranked_by
    from covered
    left join forms
        on
            covered.account_id is not distinct from forms.account_id
            and covered.usage_month is not distinct from forms.usage_month
            and covered.form_rank > forms.form_rank
            and coalesce(covered.usage_date between forms.first_day and forms.last_day, true)
    group by all
),

compared as (
    select
        *,
        min(export_name) over of_month <> max(export_name) over of_month
        or usage_date is not null and count(*) over of_day > 1 as has_rival,
        min(source_delivery) over of_month as first_delivery,
        max(source_delivery) over of_month as last_delivery
    from ranked
    window
        of_month as (partition by account_id, usage_month, form_rank, outranked_by is null),
        of_day as (partition by account_id, usage_month, form_rank, usage_date)
)

select
    source_delivery,
    account_id,
    usage_month,
    usage_date,
    delivery_form,
    case
        when account_id is not null and has_rival and outranked_by is null
            then {{ stop_build() }}(
                'Two exports hold usage of subscription ' || account_id || ' in '
                || coalesce({{ month_text('usage_month') }}, 'an unknown month') || ': ' || first_delivery || ' and '
                || last_delivery || '. Their usage would count twice: move one of them out of the input folder.'
            )
        else outranked_by is not null
    end as is_outranked,
    outranked_by
from compared
