-- What an analyst would write for this one export: AI lines summed to days, with everything that tells usage apart.
-- Same lines, same sums and same columns as the project keeps of them (stg_aws__cur2); nothing is classified or rated.
create table usage as
select
    cast(bill_billing_period_start_date as date) as billing_period,
    cast(line_item_usage_start_date as date) as usage_date,
    bill_payer_account_id,
    line_item_usage_account_id,
    bill_billing_entity,
    line_item_line_item_type,
    line_item_product_code,
    product['product_name'] as product_name,
    product['model'] as model,
    line_item_usage_type,
    pricing_unit,
    product_pricing_unit,
    line_item_line_item_description,
    coalesce(product_region_code, product['region']) as region,
    line_item_resource_id,
    line_item_currency_code,
    cast(resource_tags as varchar) as resource_tags,
    cast(cost_category as varchar) as cost_category,
    count(*) as line_count,
    sum(line_item_usage_amount) as usage_amount,
    sum(coalesce(line_item_net_unblended_cost, line_item_unblended_cost)) as cost_amount
from read_parquet('{files}')
where
    (
        line_item_product_code in (
            'AmazonBedrock', 'AmazonBedrockService', 'AmazonBedrockFoundationModels', 'AmazonBedrockAgentCore'
        )
        or (
            (bill_billing_entity in ('', 'AWS Marketplace') or length(line_item_product_code) > 20)
            and contains(lower(product['product_name']), 'bedrock')
        )
        or product_product_family = 'Amazon Bedrock'
        or line_item_operation in ('InvokeModelInference', 'InvokeModelStreamingInference')
        or line_item_resource_id like 'arn:aws%:bedrock:%'
    )
    and coalesce(split_line_item_parent_resource_id, '') = ''
group by all
