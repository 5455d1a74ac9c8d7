{{ config(
    materialized='incremental',
    pre_hook=["{{ forget_files(ref('inputs__read_files')) }}", "{{ set_azure_reader_files('azure_focus') }}"]
) }}

-- FOCUS 1.0 and 1.2 from Azure, Parquet and CSV. Grain: file x day x subscription x meter x unit x reading of the
-- quantity x resource x tags x charge category, AI lines only: the lines are summed while they are read, so nothing
-- later touches the raw files.

with

files as (
    select * from {{ ref('inputs__read_files') }}
    where reader = 'azure_focus' and {{ not_read_yet() }}
),

units as (
    select * from {{ ref('azure_units') }}
),

lines as (
    select *
    from {{ azure_lines('azure_focus', is_foundry_line(
        category='coalesce(x_SkuMeterCategory, ServiceName)',
        meter='coalesce(SkuMeter, x_SkuMeterName)',
        resource_id='ResourceId',
        texts=['x_SkuMeterSubcategory', 'x_SkuDescription', 'ChargeDescription', 'x_SkuPlanName', 'PublisherName'],
    )) }}
),

named as (
    select
        *,
        {{ first_text(['EffectiveCost', 'BilledCost']) }} as cost_text,
        {{ first_text(['ConsumedQuantity', 'PricingQuantity']) }} as usage_amount_text,
        upper({{ blank_to_null('BillingCurrency') }}) as cost_currency,
        upper({{ first_text(['PricingCurrency', 'x_PricingCurrency']) }}) as price_currency,
        {{ first_nonzero(['x_BillingExchangeRate']) }} as exchange_rate,
        -- Cost and price of the same kind, and a price that was quoted: one that was worked out as cost / quantity
        -- would prove itself. x_EffectiveUnitPrice may be that, x_BilledUnitPrice where no contract has it;
        -- ContractedCost was wrong in old files.
        case
            when {{ first_nonzero(['ListUnitPrice']) }} * {{ first_nonzero(['ListCost']) }} is not null then 'list'
            when
                abs({{ try_number('x_BilledUnitPrice') }} - {{ first_nonzero(['ContractedUnitPrice']) }})
                <= 1e-6 * abs({{ try_number('x_BilledUnitPrice') }})
                then 'billed'
        end as price_kind
    from lines
),

priced as (
    select
        *,
        case price_kind
            when 'list' then {{ try_number('ListUnitPrice') }} when 'billed' then {{ try_number('x_BilledUnitPrice') }}
        end as price,
        case price_kind
            when 'list' then {{ try_number('ListCost') }} when 'billed' then {{ first_nonzero(['BilledCost']) }}
        end as price_cost
    from named
),

renamed as (
    select
        file_path,
        {{ try_billing_date('BillingPeriodStart') }} as billing_period,
        {{ try_billing_date('ChargePeriodStart') }} as usage_date,
        regexp_replace(lower({{ blank_to_null('SubAccountId') }}), '^/subscriptions/', '') as account_id,
        -- Capacity nobody used is usage to FOCUS.
        case
            when lower({{ blank_to_null('CommitmentDiscountStatus') }}) = 'unused' then 'UnusedReservation'
            else coalesce({{ blank_to_null('ChargeCategory') }}, 'Usage')
        end as charge_type,
        lower(coalesce({{ assigned('x_SkuMeterCategory') }}, {{ assigned('ServiceName') }})) as meter_category,
        lower({{ assigned('x_SkuMeterSubcategory') }}) as meter_subcategory,
        coalesce({{ assigned('SkuMeter') }}, {{ assigned('x_SkuMeterName') }}) as meter_name,
        coalesce({{ assigned('x_SkuDescription') }}, {{ assigned('ChargeDescription') }}) as product_name,
        {{ assigned('x_SkuPlanName') }} as plan_name,
        {{ assigned('PublisherName') }} as publisher_name,
        coalesce(
            lower({{ blank_to_null('x_PublisherCategory') }}) in ('marketplace', 'vendor')
            or lower(trim(x_SkuMeterCategory)) = 'saas', false
        ) as is_marketplace,
        {{ blank_to_null('x_PricingUnitDescription') }} as unit_text,
        {{ first_nonzero(['x_PricingBlockSize']) }} as stated_block,
        case
            when {{ blank_to_null('ConsumedQuantity') }} is not null then 'single_units'
            else 'blocks'
        end as usual_reading,
        lower(coalesce({{ assigned('RegionName') }}, {{ assigned('RegionId') }})) as region,
        lower({{ blank_to_null('ResourceId') }}) as resource_id,
        {{ tags_object('Tags') }} as tags,
        cost_currency,
        usage_amount_text,
        cost_text,
        {{ try_number('usage_amount_text') }} as usage_amount,
        {{ try_number('cost_text') }} as cost_amount,
        price,
        price_cost,
        exchange_rate,
        -- FOCUS wants prices in the billing currency, Azure also writes them in the pricing currency: the file tells.
        case
            when price_currency = cost_currency then 'same'
            when price_currency is null then 'unstated'
            when price_currency <> cost_currency and exchange_rate is not null then 'either'
            else 'unknown'
        end as currencies
    from priced
),

{{ sum_azure_lines('renamed') }}
