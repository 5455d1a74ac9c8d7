-- What an analyst would write for this one legacy report (CSV): AI lines summed to days, with everything that tells usage
-- apart. Same lines, same sums and same columns as the project keeps of them (stg_aws__cur_legacy_csv).
create table usage as
select
    cast(cast("bill/BillingPeriodStartDate" as timestamp) as date) as billing_period,
    cast(cast("lineItem/UsageStartDate" as timestamp) as date) as usage_date,
    "bill/PayerAccountId",
    "lineItem/UsageAccountId",
    "bill/BillingEntity",
    "lineItem/LineItemType",
    "lineItem/ProductCode",
    "product/ProductName",
    "product/model",
    "lineItem/UsageType",
    "pricing/unit",
    "product/pricingUnit",
    "lineItem/LineItemDescription",
    coalesce(nullif("product/regionCode", ''), "product/region") as region,
    "lineItem/ResourceId",
    "lineItem/CurrencyCode",
    "resourceTags/user:team",
    count(*) as line_count,
    sum(cast("lineItem/UsageAmount" as double)) as usage_amount,
    sum(cast(coalesce(nullif("lineItem/NetUnblendedCost", ''), "lineItem/UnblendedCost") as double)) as cost_amount
from read_csv('{files}', header = true, all_varchar = true, delim = ',', quote = '"', escape = '"')
where
    (
        "lineItem/ProductCode" in (
            'AmazonBedrock', 'AmazonBedrockService', 'AmazonBedrockFoundationModels', 'AmazonBedrockAgentCore'
        )
        or (
            ("bill/BillingEntity" in ('', 'AWS Marketplace') or length("lineItem/ProductCode") > 20)
            and contains(lower("product/ProductName"), 'bedrock')
        )
        or "product/productFamily" = 'Amazon Bedrock'
        or "lineItem/Operation" in ('InvokeModelInference', 'InvokeModelStreamingInference')
        or "lineItem/ResourceId" like 'arn:aws%:bedrock:%'
    )
    and coalesce("splitLineItem/ParentResourceId", '') = ''
group by all
