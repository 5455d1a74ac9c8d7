-- Lines {first} to {last} of a made-up month of CUR 2.0: 2 % Amazon Bedrock and Claude on Marketplace, the rest compute,
-- storage, functions and databases, with the high-cardinality columns that make real files large. Every value follows
-- from the number of the line. Columns of the export that hold little are filled by name at the end.
with numbered as (
    select
        number,
        cast(hash(number) % 10000 as bigint) as share,
        cast(hash(number, 1) % 1000 as bigint) as workload,
        cast(hash(number, 2) % 1000000 as bigint) as noise,
        timestamp '2025-06-01' + to_hours(cast(hash(number, 3) % 720 as bigint)) as usage_start,
        printf('%012d', 200000000000 + hash(number, 4) % 40) as account_id,
        ['us-east-1', 'us-west-2', 'eu-central-1', 'eu-west-1'][1 + cast(hash(number, 5) % 4 as bigint)] as region,
        ['USE1', 'USW2', 'EUC1', 'EUW1'][1 + cast(hash(number, 5) % 4 as bigint)] as prefix
    from range({first}, {last}) as numbers (number)
),

kinds as (
    select
        *,
        case
            when share < 120 then 'bedrock'
            when share < 200 then 'marketplace'
            when share < 4500 then 'ec2'
            when share < 7500 then 's3'
            when share < 9000 then 'lambda'
            else 'rds'
        end as kind,
        ['Llama3-3-70B', 'NovaPro', 'NovaLite', 'NovaMicro', 'MistralLarge', 'R1'][1 + workload % 6] as model,
        ['input', 'output'][1 + noise % 2] as direction
    from numbered
),

described as (
    select
        *,
        case kind
            when 'bedrock' then 'AmazonBedrock'
            when 'marketplace' then '4a524th30q694o538qndh9ucht'
            when 'ec2' then 'AmazonEC2'
            when 's3' then 'AmazonS3'
            when 'lambda' then 'AWSLambda'
            else 'AmazonRDS'
        end as product_code,
        case kind
            when 'bedrock' then 'Amazon Bedrock'
            when 'marketplace' then 'Claude Sonnet 4 (Amazon Bedrock Edition)'
            when 'ec2' then 'Amazon Elastic Compute Cloud'
            when 's3' then 'Amazon Simple Storage Service'
            when 'lambda' then 'AWS Lambda'
            else 'Amazon Relational Database Service'
        end as product_name,
        case kind
            when 'bedrock' then prefix || '-' || model || '-' || direction || '-tokens'
            when 'marketplace'
                then prefix || '-MP:' || prefix || '_' || upper(direction[1]) || direction[2:] || 'TokenCount-Units'
            when 'ec2' then prefix || '-BoxUsage:m7g.' || ['large', 'xlarge', '2xlarge'][1 + noise % 3]
            when 's3' then prefix || '-Requests-Tier' || cast(1 + noise % 2 as varchar)
            when 'lambda' then prefix || '-Lambda-GB-Second-ARM'
            else prefix || '-InstanceUsage:db.r7g.large'
        end as usage_type,
        case kind
            when 'bedrock' then 'arn:aws:bedrock:' || region || '::foundation-model/' || lower(model)
            when 'marketplace'
                then 'arn:aws:bedrock:' || region || ':' || account_id || ':inference-profile/eu.anthropic.claude-sonnet-4-20250514-v1:0'
            when 'ec2' then 'i-' || printf('%017x', hash(number, 6) % 400000)
            when 's3' then 'bucket-' || cast(workload as varchar)
            when 'lambda' then 'arn:aws:lambda:' || region || ':' || account_id || ':function:job-' || cast(workload as varchar)
            else 'arn:aws:rds:' || region || ':' || account_id || ':db:db-' || cast(workload as varchar)
        end as resource_id
    from kinds
)

select
    md5(cast(number as varchar)) as identity_line_item_id,
    strftime(usage_start, '%Y-%m-%dT%H:00:00Z/') || strftime(usage_start + to_hours(1), '%Y-%m-%dT%H:00:00Z')
        as identity_time_interval,
    'Anniversary' as bill_bill_type,
    case when kind = 'marketplace' then 'AWS Marketplace' else 'AWS' end as bill_billing_entity,
    timestamp '2025-07-01' as bill_billing_period_end_date,
    timestamp '2025-06-01' as bill_billing_period_start_date,
    '' as bill_invoice_id,
    'Amazon Web Services, Inc.' as bill_invoicing_entity,
    '100000000001' as bill_payer_account_id,
    'payer' as bill_payer_account_name,
    map {{'user_cost_center': 'cc' || cast(workload % 20 as varchar)}} as cost_category,
    map {{'edp': 0.0}} as discount,
    0.0 as discount_bundled_discount,
    0.0 as discount_total_discount,
    '' as line_item_availability_zone,
    round(0.00001 * (1 + noise % 100000), 10) as line_item_blended_cost,
    '' as line_item_blended_rate,
    'USD' as line_item_currency_code,
    'AWS, Inc.' as line_item_legal_entity,
    product_name || ' usage in ' || region as line_item_line_item_description,
    'Usage' as line_item_line_item_type,
    round(0.00001 * (1 + noise % 100000), 10) as line_item_net_unblended_cost,
    '' as line_item_net_unblended_rate,
    1.0 as line_item_normalization_factor,
    0.0 as line_item_normalized_usage_amount,
    case when kind = 'bedrock' then 'InvokeModelInference' else 'Usage' end as line_item_operation,
    product_code as line_item_product_code,
    resource_id as line_item_resource_id,
    '' as line_item_tax_type,
    round(0.00001 * (1 + noise % 100000), 10) as line_item_unblended_cost,
    '0.003' as line_item_unblended_rate,
    account_id as line_item_usage_account_id,
    'account ' || account_id as line_item_usage_account_name,
    (1 + noise % 100000) / 1000.0 as line_item_usage_amount,
    usage_start + to_hours(1) as line_item_usage_end_date,
    usage_start as line_item_usage_start_date,
    usage_type as line_item_usage_type,
    '' as pricing_currency,
    'standard' as pricing_lease_contract_length,
    'OnDemand' as pricing_term,
    round(0.00001 * (1 + noise % 100000), 10) as pricing_public_on_demand_cost,
    '0.003' as pricing_public_on_demand_rate,
    md5(usage_type) as pricing_rate_code,
    cast(1000000 + hash(usage_type) % 1000000 as varchar) as pricing_rate_id,
    case kind
        when 'bedrock' then '1K tokens'
        when 'marketplace' then 'Units'
        when 's3' then 'Requests'
        when 'lambda' then 'Lambda-GB-Second'
        else 'Hrs'
    end as pricing_unit,
    map {{'product_name': product_name, 'region': region, 'servicename': product_name}} as product,
    region as product_from_location,
    'AWS Region' as product_from_location_type,
    case when kind = 'ec2' then 'm7g.large' else '' end as product_instance_type,
    product_name as product_product_family,
    region as product_region_code,
    product_code as product_servicecode,
    md5(usage_type || region) as product_sku,
    map {{'user_team': 'team' || cast(workload % 50 as varchar), 'user_name': 'n' || cast(workload as varchar)}}
        as resource_tags,
    {empty_columns}
from described
