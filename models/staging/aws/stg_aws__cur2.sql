{{ config(
    materialized='incremental',
    pre_hook=["{{ forget_files(ref('inputs__read_files')) }}", "{{ set_reader_files('aws_cur2') }}"]
) }}

-- CUR 2.0, Parquet and CSV. Grain: delivery x day x account x meter x resource x tags x line type, and file x
-- line type for the totals; Bedrock lines only. They are summed while they are read: nothing later touches the files.

with

files as (
    select * from {{ ref('inputs__read_files') }}
    where reader = 'aws_cur2' and {{ not_read_yet() }}
),

lines as (
    select *
    from {{ input_lines(
        'aws_cur2',
        where_parquet=is_bedrock_line(product_name="product['product_name']"),
        where_csv=is_bedrock_line(product_name=json_text('product', 'product_name')),
        map_columns=['resource_tags', 'cost_category'],
        map_values={'product': ['product_name', 'model', 'region']},
    ) }}
),

renamed as (
    select
        file_path,
        {{ try_utc_date('bill_billing_period_start_date') }} as billing_period,
        {{ try_utc_date('line_item_usage_start_date') }} as usage_date,
        {{ blank_to_null('bill_payer_account_id') }} as billing_account_id,
        {{ blank_to_null('line_item_usage_account_id') }} as account_id,
        {{ blank_to_null('bill_billing_entity') }} as billing_entity,
        {{ blank_to_null('line_item_line_item_type') }} as charge_type,
        {{ blank_to_null('line_item_product_code') }} as product_code,
        {{ blank_to_null('product__product_name') }} as product_name,
        {{ blank_to_null('product__model') }} as model_attribute,
        {{ blank_to_null('line_item_usage_type') }} as usage_type,
        {{ blank_to_null('pricing_unit') }} as pricing_unit,
        {{ blank_to_null('product_pricing_unit') }} as product_pricing_unit,
        {{ blank_to_null('line_item_line_item_description') }} as description,
        coalesce(
            {{ blank_to_null('product_region_code') }}, {{ blank_to_null('product__region') }}
        ) as region,
        {{ blank_to_null('line_item_resource_id') }} as resource_id,
        {{ blank_to_null('line_item_currency_code') }} as cost_currency,
        resource_tags as tags,
        cost_category as cost_categories,
        {{ blank_to_null('line_item_usage_amount') }} as usage_amount_text,
        coalesce(
            {{ blank_to_null('line_item_net_unblended_cost') }}, {{ blank_to_null('line_item_unblended_cost') }}
        ) as cost_text
    from lines
),

{{ sum_usage_lines('renamed') }} -- noqa: PRS
