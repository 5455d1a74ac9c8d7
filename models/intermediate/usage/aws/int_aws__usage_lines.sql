{{ config(
    materialized='incremental',
    meta={'months_from': ['int_usage_months']},
    pre_hook='{{ forget_months() }}',
    post_hook='{{ remember_months() }}'
) }}

-- Grain: delivery x billing period x day x account x meter x resource x tags x line type: lines of a day that differ
-- only in the file they stand in become one. The key of the meter is made of everything that decides how a line is
-- understood, so that each distinct meter is parsed once.
-- depends_on: {{ ref('int_usage_months') }}

with

lines as (
    select
        source_delivery,
        usage_month,
        usage_date,
        billing_account_id,
        account_id,
        billing_entity,
        charge_type,
        is_usage,
        product_code,
        product_name,
        model_attribute,
        usage_type,
        pricing_unit,
        product_pricing_unit,
        description,
        region,
        resource_id,
        tags,
        cost_categories,
        cost_currency,
        unreadable_amount,
        cast(sum(line_count) as bigint) as line_count,
        sum(usage_amount) as usage_amount,
        sum(cost_amount) as cost_amount
    from {{ ref('int_aws__export_lines') }}
    where {{ is_due() }}
    group by all
),

resources as (
    select * from {{ ref('int_aws__resources') }}
),

described as (
    select
        lines.*,
        resources.resource_region,
        resources.resource_model,
        resources.resource_scope
    from lines
    left join resources
        on lines.resource_id = resources.resource_id
)

select
    *,
    {{ row_key([
        'billing_entity', 'product_code', 'product_name', 'model_attribute', 'usage_type', 'pricing_unit',
        'product_pricing_unit', 'description', 'region', 'resource_region', 'resource_model', 'resource_scope',
    ]) }} as meter_key,
    {{ row_key(['tags', 'cost_categories']) }} as tag_group_key
from described
