{{ config(
    materialized='incremental',
    pre_hook=["{{ forget_files(ref('inputs__read_files')) }}", "{{ set_reader_files('aws_focus') }}"]
) }}

-- FOCUS 1.0 and 1.2 from AWS, Parquet and CSV. Grain: delivery x day x account x meter x resource x tags x charge
-- category, and file x charge category for the totals; Bedrock lines only. They are summed while they are read, so
-- nothing later touches the files.

with

files as (
    select * from {{ ref('inputs__read_files') }}
    where reader = 'aws_focus' and {{ not_read_yet() }}
),

lines as (
    {%- set is_bedrock = is_bedrock_line(
        product_name='ServiceName',
        product_code='x_ServiceCode',
        product_family=none,
        operation='x_Operation',
        resource_id='ResourceId',
        billing_entity="''",
        split_parent=none,
    ) %}
    select *
    from {{ input_lines(
        'aws_focus',
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
        -- FOCUS tells no billing entity. Marketplace products have no code of AWS and go by the name of the model.
        case
            when
                coalesce(x_ServiceCode, '') not like 'AmazonBedrock%'
                and lower(coalesce(ServiceName, '')) not like 'amazon bedrock%'
                then 'AWS Marketplace'
            else 'AWS'
        end as billing_entity,
        {{ blank_to_null('ChargeCategory') }} as charge_type,
        {{ blank_to_null('x_ServiceCode') }} as product_code,
        {{ blank_to_null('ServiceName') }} as product_name,
        cast(null as string) as model_attribute,
        coalesce({{ blank_to_null('SkuMeter') }}, {{ blank_to_null('x_UsageType') }}) as usage_type,
        {{ blank_to_null('PricingQuantity') }} as pricing_quantity,
        {{ blank_to_null('PricingUnit') }} as pricing_unit,
        {{ blank_to_null('ConsumedQuantity') }} as consumed_quantity,
        {{ blank_to_null('ConsumedUnit') }} as consumed_unit,
        {{ blank_to_null('ChargeDescription') }} as description,
        {{ blank_to_null('RegionId') }} as region,
        {{ blank_to_null('ResourceId') }} as resource_id,
        {{ blank_to_null('BillingCurrency') }} as cost_currency,
        tags,
        x_CostCategories as cost_categories,
        coalesce({{ blank_to_null('EffectiveCost') }}, {{ blank_to_null('BilledCost') }}) as cost_text
    from lines
),

-- Each quantity goes with its own unit: 1,000,000 Tokens consumed are 1,000 of 1K tokens priced. Where the two
-- quantities are one, the other unit may say what the first leaves open.
compared as (
    select
        *,
        pricing_quantity is not null and pricing_unit is not null as has_price,
        coalesce({{ try_number('pricing_quantity') }} = {{ try_number('consumed_quantity') }}, true) as is_one_quantity
    from renamed
),

paired as (
    select
        {{ all_but([
            'pricing_quantity', 'pricing_unit', 'consumed_quantity', 'consumed_unit', 'has_price', 'is_one_quantity',
        ]) }},
        case when has_price then pricing_quantity else coalesce(consumed_quantity, pricing_quantity) end
            as usage_amount_text,
        case when has_price then pricing_unit else coalesce(consumed_unit, pricing_unit) end as pricing_unit,
        case when is_one_quantity then case when has_price then consumed_unit else pricing_unit end end
            as product_pricing_unit
    from compared
),

{{ sum_usage_lines('paired') }} -- noqa: PRS
