{{ config(materialized='table', pre_hook="{{ set_reader_files('aws_focus') }}") }}

-- FOCUS 1.0 and 1.2 from AWS, Parquet and CSV. Grain: file x day x account x meter x resource x tags x charge
-- category, Bedrock lines only: the lines are summed while they are read, so nothing later touches the raw files.

with

files as (
    select * from {{ ref('inputs__read_files') }}
),

lines as (
    {%- set is_bedrock = is_bedrock_line(
        product_name='ServiceName',
        product_code='x_ServiceCode',
        product_family=none,
        operation='x_Operation',
        resource_id='ResourceId',
        is_marketplace="coalesce(x_ServiceCode, '') in ('', 'NULL', 'null')",
        split_parent=none,
    ) %}
    select *
    from {{ input_lines(
        where_parquet=is_bedrock,
        where_csv=is_bedrock,
        map_columns=['Tags', 'x_CostCategories'],
    ) }}
),

renamed as (
    select
        file_path,
        {{ try_utc_date('BillingPeriodStart') }} as billing_period,
        {{ try_utc_date('ChargePeriodStart') }} as usage_date,
        {{ blank_to_null('BillingAccountId') }} as billing_account_id,
        {{ blank_to_null('SubAccountId') }} as account_id,
        -- FOCUS tells no billing entity: Marketplace lines are those without a service code.
        case when {{ blank_to_null('x_ServiceCode') }} is null then 'AWS Marketplace' else 'AWS' end as billing_entity,
        {{ blank_to_null('ChargeCategory') }} as charge_type,
        {{ blank_to_null('x_ServiceCode') }} as product_code,
        {{ blank_to_null('ServiceName') }} as product_name,
        cast(null as varchar) as model_attribute,
        coalesce({{ blank_to_null('SkuMeter') }}, {{ blank_to_null('x_UsageType') }}) as usage_type,
        {{ blank_to_null('PricingUnit') }} as pricing_unit,
        {{ blank_to_null('ConsumedUnit') }} as product_pricing_unit,
        {{ blank_to_null('ChargeDescription') }} as description,
        {{ blank_to_null('RegionId') }} as region,
        {{ blank_to_null('ResourceId') }} as resource_id,
        {{ blank_to_null('BillingCurrency') }} as cost_currency,
        tags,
        x_CostCategories as cost_categories,
        coalesce(
            {{ blank_to_null('ConsumedQuantity') }}, {{ blank_to_null('PricingQuantity') }}
        ) as usage_amount_text,
        coalesce({{ blank_to_null('EffectiveCost') }}, {{ blank_to_null('BilledCost') }}) as cost_text
    from lines
)

{{ sum_usage_lines('renamed') }}
