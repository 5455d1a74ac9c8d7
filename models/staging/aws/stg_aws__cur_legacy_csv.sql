{{ config(
    materialized='incremental',
    pre_hook=["{{ forget_files(ref('inputs__read_files')) }}", "{{ set_reader_files('aws_cur_legacy_csv') }}"]
) }}

-- Legacy Cost and Usage Reports, CSV.
-- Grain: delivery x day x account x meter x resource x tags x line type, and file x line type
-- for the totals; Bedrock lines only. They are summed while they are read, so nothing later touches the files.

with

files as (
    select * from {{ ref('inputs__read_files') }}
    where reader = 'aws_cur_legacy_csv' and {{ not_read_yet() }}
),

lines as (
    select
        *,
        -- Tags and cost categories are columns of their own, other ones in every report.
        {{ columns_as_json('resourceTags/', 'aws_cur_legacy_csv') }} as tags,
        {{ columns_as_json('costCategory/', 'aws_cur_legacy_csv') }} as cost_categories
    from {{ csv_rows('aws_cur_legacy_csv') }}
    where {{ is_bedrock_line(
        product_name='"product/ProductName"',
        product_code='"lineItem/ProductCode"',
        product_family='"product/productFamily"',
        operation='"lineItem/Operation"',
        resource_id='"lineItem/ResourceId"',
        billing_entity='"bill/BillingEntity"',
        split_parent='"splitLineItem/ParentResourceId"',
    ) }}
),

renamed as (
    select
        file_path,
        {{ try_utc_date('"bill/BillingPeriodStartDate"') }} as billing_period,
        {{ try_utc_date('"lineItem/UsageStartDate"') }} as usage_date,
        {{ blank_to_null('"bill/PayerAccountId"') }} as billing_account_id,
        {{ blank_to_null('"lineItem/UsageAccountId"') }} as account_id,
        {{ blank_to_null('"bill/BillingEntity"') }} as billing_entity,
        {{ blank_to_null('"lineItem/LineItemType"') }} as charge_type,
        {{ blank_to_null('"lineItem/ProductCode"') }} as product_code,
        {{ blank_to_null('"product/ProductName"') }} as product_name,
        {{ blank_to_null('"product/model"') }} as model_attribute,
        {{ blank_to_null('"lineItem/UsageType"') }} as usage_type,
        {{ blank_to_null('"pricing/unit"') }} as pricing_unit,
        {{ blank_to_null('"product/pricingUnit"') }} as product_pricing_unit,
        {{ blank_to_null('"lineItem/LineItemDescription"') }} as description,
        coalesce({{ blank_to_null('"product/regionCode"') }}, {{ blank_to_null('"product/region"') }}) as region,
        {{ blank_to_null('"lineItem/ResourceId"') }} as resource_id,
        {{ blank_to_null('"lineItem/CurrencyCode"') }} as cost_currency,
        tags,
        cost_categories,
        {{ blank_to_null('"lineItem/UsageAmount"') }} as usage_amount_text,
        coalesce(
            {{ blank_to_null('"lineItem/NetUnblendedCost"') }}, {{ blank_to_null('"lineItem/UnblendedCost"') }}
        ) as cost_text
    from lines
),

{{ sum_usage_lines('renamed') }} -- noqa: PRS
