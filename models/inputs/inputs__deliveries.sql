-- One row per export and billing period that has files, or a manifest with files: is it outranked by another form of
-- the same usage? Forms are compared per billing period and billing account. An AWS account that one of the two
-- manifests does not tell is taken to be the same, since usage must not count twice. Scopes of Azure exports overlap in
-- more ways: only equal ones decide here, the rest per subscription and month (int_azure__covered_accounts).

with

file_versions as (
    select * from {{ ref('inputs__file_versions') }}
),

manifests as (
    select
        *,
        {{ delivery_form('input_form', 'export_type') }} as delivery_form
    from {{ ref('inputs__current_manifests') }}
),

-- A manifest that neither lists a file nor stands beside any is no delivery.
with_files as (
    select manifest_path from {{ ref('inputs__manifest_files') }}
    where listed_file is not null
    union
    select manifest_path from file_versions
    where manifest_path is not null
),

form_order as (
    {% for cloud in ['aws', 'azure'] %}
    {% for form in var(cloud ~ '_form_order') %}
    select
        '{{ cloud }}_{{ form }}' as delivery_form,
        '{{ cloud }}' as cloud,
        {{ loop.index }} as form_rank
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

delivered as (
    select
        input_form,
        delivery_form,
        export_path,
        billing_period,
        billing_account_id
    from file_versions
    where is_newest
    union
    select
        input_form,
        delivery_form,
        export_path,
        billing_period,
        billing_account_id
    from manifests
    where
        not is_readable
        or manifest_path in (select with_files.manifest_path from with_files)
),

deliveries as (
    select
        delivered.input_form,
        delivered.export_path,
        delivered.billing_period,
        max(delivered.delivery_form) as delivery_form,
        max(delivered.billing_account_id) as billing_account_id,
        max(form_order.cloud) as cloud,
        max(form_order.form_rank) as form_rank
    from delivered
    left join form_order
        on delivered.delivery_form = form_order.delivery_form
    group by delivered.input_form, delivered.export_path, delivered.billing_period
)

select
    deliveries.input_form,
    deliveries.export_path,
    deliveries.billing_period,
    deliveries.billing_account_id,
    deliveries.delivery_form,
    deliveries.form_rank,
    min_by(higher_ranked.delivery_form, higher_ranked.form_rank) as outranked_by
from deliveries
left join deliveries as higher_ranked
    on
        deliveries.cloud = higher_ranked.cloud
        and deliveries.billing_period = higher_ranked.billing_period
        and deliveries.form_rank > higher_ranked.form_rank
        and case
            when deliveries.cloud = 'azure' then deliveries.billing_account_id = higher_ranked.billing_account_id
            else
                coalesce(deliveries.billing_account_id, higher_ranked.billing_account_id, '')
                = coalesce(higher_ranked.billing_account_id, deliveries.billing_account_id, '')
        end
group by
    deliveries.input_form,
    deliveries.export_path,
    deliveries.billing_period,
    deliveries.billing_account_id,
    deliveries.delivery_form,
    deliveries.form_rank
