{{ config(
    materialized='incremental',
    pre_hook=["{{ forget_files(ref('inputs__read_files')) }}", "{{ set_azure_reader_files('azure_cost_details') }}"]
) }}

-- Cost and usage details of EA, MCA and pay-as-you-go agreements, actual and amortized, Parquet and CSV. Grain: file x
-- day x subscription x meter x unit x reading of the quantity x resource x tags x line type, AI lines only: the lines
-- are summed while they are read, so nothing later touches the raw files.

with

files as (
    select * from {{ ref('inputs__read_files') }}
    where reader = 'azure_cost_details' and {{ not_read_yet() }}
),

units as (
    select * from {{ ref('azure_units') }}
),

lines as (
    select *
    from {{ azure_lines('azure_cost_details', is_foundry_line(
        category='MeterCategory',
        meter='MeterName',
        resource_id='coalesce(ResourceId, InstanceId, InstanceName)',
        texts=['MeterSubCategory', 'ProductName', 'Product', 'PlanName', 'PublisherName'],
        consumed_service='ConsumedService',
    )) }}
),

named as (
    select
        *,
        {{ first_text(['CostInBillingCurrency', 'Cost', 'PreTaxCost']) }} as cost_text,
        {{ first_text(['Quantity', 'UsageQuantity']) }} as usage_amount_text,
        upper({{ first_text(['BillingCurrencyCode', 'BillingCurrency', 'Currency']) }}) as cost_currency,
        upper({{ first_text(['PricingCurrency', 'PricingCurrencyCode']) }}) as pricing_currency
    from lines
),

renamed as (
    select
        file_path,
        {{ try_billing_date('BillingPeriodStartDate') }} as billing_period,
        coalesce({{ try_billing_date('Date') }}, {{ try_billing_date('UsageDateTime') }}) as usage_date,
        lower({{ first_text(['SubscriptionId', 'SubscriptionGuid']) }}) as account_id,
        -- Pay-as-you-go files hold usage only and have no line type.
        coalesce({{ blank_to_null('ChargeType') }}, 'Usage') as charge_type,
        lower({{ assigned('MeterCategory') }}) as meter_category,
        lower({{ assigned('MeterSubCategory') }}) as meter_subcategory,
        {{ assigned('MeterName') }} as meter_name,
        coalesce({{ assigned('ProductName') }}, {{ assigned('Product') }}) as product_name,
        {{ assigned('PlanName') }} as plan_name,
        {{ assigned('PublisherName') }} as publisher_name,
        coalesce(
            lower({{ blank_to_null('PublisherType') }}) = 'marketplace' or lower(trim(MeterCategory)) = 'saas', false
        ) as is_marketplace,
        {{ blank_to_null('UnitOfMeasure') }} as unit_text,
        cast(null as double) as stated_block,
        'blocks' as usual_reading,
        lower(coalesce(
            {{ assigned('ResourceLocation') }}, {{ assigned('Location') }}, {{ assigned('ResourceLocationNormalized') }}
        )) as region,
        lower({{ first_text(['ResourceId', 'InstanceId', 'InstanceName']) }}) as resource_id,
        {{ tags_object('Tags') }} as tags,
        cost_currency,
        usage_amount_text,
        cost_text,
        {{ try_number('usage_amount_text') }} as usage_amount,
        {{ try_number('cost_text') }} as cost_amount,
        -- EffectivePrice is cost / quantity and proves nothing.
        {{ first_nonzero(['UnitPrice', 'PayGPrice', 'ResourceRate']) }} as price,
        -- The price is in the pricing currency: so must be the cost beside it.
        case
            when {{ try_number('CostInPricingCurrency') }} is not null
                then {{ first_nonzero(['CostInPricingCurrency']) }}
            when {{ first_nonzero(['ExchangeRatePricingToBilling']) }} is not null
                then {{ first_nonzero(['cost_text']) }} / {{ try_number('ExchangeRatePricingToBilling') }}
            when coalesce(pricing_currency, cost_currency, '') = coalesce(cost_currency, '')
                then {{ first_nonzero(['cost_text']) }}
        end as price_cost,
        cast(null as double) as exchange_rate,
        'same' as currencies
    from named
),

{{ sum_azure_lines('renamed') }}
