-- Lines {first} to {last} of a made-up month of CUR 2.0, in the order AWS does not promise: none. One line in fifty is
-- about AI: hourly lines of {workloads} workloads, two in five of them Claude sold on Marketplace. The rest is compute,
-- storage, functions and databases, with the high-cardinality columns that make real files large. Every value follows
-- from the number of the line. Columns of the export that hold little are filled by name at the end.
with numbered as (
    select
        number,
        number % 50 = 0 as is_ai,
        cast(number // 50 % {workloads} as bigint) as workload,
        cast(hash(number) % 98 as bigint) as share,
        cast(hash(number, 1) % 5000 as bigint) as application,
        cast(hash(number, 2) % 1000000 as bigint) as noise,
        timestamp '2025-06-01' + to_hours(cast(hash(number, 3) % 720 as bigint)) as usage_start
    from range({first}, {last}) as numbers (number)
),

-- A workload keeps its account, region, model, direction and tags all month; the other lines draw them one by one.
described as (
    select
        *,
        case
            when is_ai and workload % 5 < 2 then 'marketplace'
            when is_ai then 'bedrock'
            when share < 43 then 'ec2'
            when share < 73 then 's3'
            when share < 88 then 'lambda'
            else 'rds'
        end as kind,
        -- Input and output of one application are two workloads.
        case when is_ai then workload // 2 else application end as owner,
        case when workload % 2 = 0 then 'input' else 'output' end as direction,
        printf('%012d', 200000000000 + hash(case when is_ai then workload // 2 else application end, 4) % 40)
            as account_id,
        cast(hash(case when is_ai then workload // 2 else application end, 5) % 4 as bigint) as place,
        case
            when is_ai then
                [
                    {name: 'Llama3-3-70B', id: 'meta.llama3-3-70b-instruct-v1:0'},
                    {name: 'NovaPro', id: 'amazon.nova-pro-v1:0'},
                    {name: 'NovaLite', id: 'amazon.nova-lite-v1:0'},
                    {name: 'NovaMicro', id: 'amazon.nova-micro-v1:0'},
                    {name: 'MistralLarge2407', id: 'mistral.mistral-large-2407-v1:0'},
                    {name: 'DeepSeek-R1', id: 'deepseek.r1-v1:0'}
                ][1 + cast(hash(workload // 2, 6) % 6 as bigint)]
        end as first_party_model,
        case
            when is_ai then
                [
                    {name: 'Claude Sonnet 4', id: 'anthropic.claude-sonnet-4-20250514-v1:0'},
                    {name: 'Claude Sonnet 3.7', id: 'anthropic.claude-3-7-sonnet-20250219-v1:0'},
                    {name: 'Claude Haiku 3.5', id: 'anthropic.claude-3-5-haiku-20241022-v1:0'}
                ][1 + cast(hash(workload // 2, 7) % 3 as bigint)]
        end as marketplace_model
    from numbered
),

placed as (
    select
        *,
        ['us-east-1', 'us-west-2', 'eu-central-1', 'eu-west-1'][1 + place] as region,
        ['USE1', 'USW2', 'EUC1', 'EU'][1 + place] as prefix,
        ['us', 'us', 'eu', 'eu'][1 + place] as geography,
        ['large', 'xlarge', '2xlarge', '4xlarge'][1 + noise % 4] as size,
        case when kind = 'marketplace' then marketplace_model.id else first_party_model.id end as model_id
    from described
),

worded as (
    select
        *,
        case kind
            when 'bedrock' then 'AmazonBedrock'
            when 'marketplace' then left(md5(marketplace_model.name), 25)
            when 'ec2' then 'AmazonEC2'
            when 's3' then 'AmazonS3'
            when 'lambda' then 'AWSLambda'
            else 'AmazonRDS'
        end as product_code,
        case kind
            when 'bedrock' then 'Amazon Bedrock'
            when 'marketplace' then marketplace_model.name || ' (Amazon Bedrock Edition)'
            when 'ec2' then 'Amazon Elastic Compute Cloud'
            when 's3' then 'Amazon Simple Storage Service'
            when 'lambda' then 'AWS Lambda'
            else 'Amazon Relational Database Service'
        end as product_name,
        case kind
            when 'bedrock' then prefix || '-' || first_party_model.name || '-' || direction || '-tokens'
            when 'marketplace'
                then prefix || '-MP:' || prefix || '_' || upper(direction[1]) || direction[2:] || 'TokenCount-Units'
            when 'ec2' then prefix || '-BoxUsage:m7g.' || size
            when 's3' then prefix || '-Requests-Tier' || cast(1 + noise % 2 as varchar)
            when 'lambda' then prefix || '-Lambda-GB-Second-ARM'
            else prefix || '-InstanceUsage:db.r7g.' || size
        end as usage_type,
        case
            when is_ai and owner % 4 = 0 then 'arn:aws:bedrock:' || region || '::foundation-model/' || model_id
            when is_ai and owner % 4 = 1
                then
                    'arn:aws:bedrock:' || region || ':' || account_id || ':inference-profile/' || geography || '.'
                    || model_id
            when is_ai
                then
                    'arn:aws:bedrock:' || region || ':' || account_id || ':application-inference-profile/'
                    || left(md5(cast(owner as varchar)), 12)
            when kind = 'ec2' then 'i-' || printf('%017x', hash(number, 8) % 400000)
            when kind = 's3' then 'data-' || md5(cast(owner as varchar))
            when kind = 'lambda'
                then 'arn:aws:lambda:' || region || ':' || account_id || ':function:job-' || cast(owner as varchar)
            else 'arn:aws:rds:' || region || ':' || account_id || ':db:db-' || cast(owner as varchar)
        end as resource_id,
        case
            when kind in ('bedrock', 'marketplace') then 0.003
            else 0.01 * (1 + noise % 7)
        end as rate
    from placed
)

select
    left(md5(cast(number as varchar)) || md5(cast(-number as varchar)), 52) as identity_line_item_id,
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
    map(['user_cost_center'], ['cc' || cast(owner % 20 as varchar)]) as cost_category,
    map(['edp'], [round(-0.05 * rate, 6)]) as discount,
    0.0 as discount_bundled_discount,
    round(-0.05 * rate, 6) as discount_total_discount,
    case when kind in ('ec2', 'rds') then region || 'a' else '' end as line_item_availability_zone,
    round(rate * (1 + noise % 10000) / 1000.0, 10) as line_item_blended_cost,
    cast(rate as varchar) as line_item_blended_rate,
    'USD' as line_item_currency_code,
    case
        when kind = 'marketplace' then 'Anthropic, PBC' else 'Amazon Web Services, Inc.'
    end as line_item_legal_entity,
    case kind
        when 'marketplace'
            then
                'AWS Marketplace software usage|' || region || '|Million '
                || case direction when 'input' then 'Input' else 'Response' end || ' Tokens'
        else '$' || cast(rate as varchar) || ' per unit of ' || usage_type || ' in ' || region
    end as line_item_line_item_description,
    'Usage' as line_item_line_item_type,
    round(0.95 * rate * (1 + noise % 10000) / 1000.0, 10) as line_item_net_unblended_cost,
    cast(0.95 * rate as varchar) as line_item_net_unblended_rate,
    case when kind = 'ec2' then 4.0 end as line_item_normalization_factor,
    case when kind = 'ec2' then 4.0 end as line_item_normalized_usage_amount,
    case
        when is_ai then 'Usage'
        when kind = 'ec2' then 'RunInstances'
        when kind = 's3' then ['GetObject', 'PutObject', 'ListBucket'][1 + noise % 3]
        when kind = 'lambda' then 'Invoke'
        else 'CreateDBInstance:0021'
    end as line_item_operation,
    product_code as line_item_product_code,
    resource_id as line_item_resource_id,
    '' as line_item_tax_type,
    round(rate * (1 + noise % 10000) / 1000.0, 10) as line_item_unblended_cost,
    cast(rate as varchar) as line_item_unblended_rate,
    account_id as line_item_usage_account_id,
    'account ' || account_id as line_item_usage_account_name,
    (1 + noise % 10000) / 1000.0 as line_item_usage_amount,
    usage_start + to_hours(1) as line_item_usage_end_date,
    usage_start as line_item_usage_start_date,
    usage_type as line_item_usage_type,
    'USD' as pricing_currency,
    '' as pricing_lease_contract_length,
    'OnDemand' as pricing_term,
    round(rate * (1 + noise % 10000) / 1000.0, 10) as pricing_public_on_demand_cost,
    cast(rate as varchar) as pricing_public_on_demand_rate,
    upper(left(md5(usage_type), 16)) || '.JRTCKXETXF.6YS6EN2CT7' as pricing_rate_code,
    cast(1000000 + hash(usage_type) % 1000000 as varchar) as pricing_rate_id,
    case kind
        when 'bedrock' then '1K tokens'
        when 'marketplace' then 'Units'
        when 's3' then 'Requests'
        when 'lambda' then 'Lambda-GB-Second'
        else 'Hrs'
    end as pricing_unit,
    -- Product attributes without a column of their own: many for machines, few for the rest.
    case
        when kind = 'ec2'
            then map(
                [
                    'product_name', 'servicename', 'region', 'vcpu', 'memory', 'operating_system', 'tenancy',
                    'physical_processor', 'network_performance', 'storage', 'capacitystatus', 'license_model',
                    'current_generation', 'normalization_size_factor'
                ],
                [
                    product_name, product_name, region, cast(2 << (noise % 4) as varchar),
                    cast(8 << (noise % 4) as varchar) || ' GiB', 'Linux', 'Shared', 'AWS Graviton3 Processor',
                    'Up to 12500 Megabit', 'EBS only', 'Used', 'No License required', 'Yes',
                    cast(4 << (noise % 4) as varchar)
                ]
            )
        when kind = 'rds'
            then map(
                [
                    'product_name', 'servicename', 'region', 'vcpu', 'memory', 'database_engine', 'deployment_option',
                    'license_model', 'physical_processor', 'network_performance'
                ],
                [
                    product_name, product_name, region, cast(2 << (noise % 4) as varchar),
                    cast(16 << (noise % 4) as varchar) || ' GiB', 'PostgreSQL', 'Single-AZ', 'No license required',
                    'AWS Graviton3', 'Up to 12500 Megabit'
                ]
            )
        else
            map(
                ['product_name', 'servicename', 'region', 'group', 'group_description'],
                [product_name, product_name, region, kind, 'usage of ' || kind]
            )
    end as product,
    case when kind = 'ec2' then 'General purpose' else '' end as product_instance_family,
    case kind when 'ec2' then 'm7g.' || size when 'rds' then 'db.r7g.' || size else '' end as product_instance_type,
    region as product_location,
    'AWS Region' as product_location_type,
    case kind
        when 'ec2' then 'Compute Instance'
        when 's3' then 'API Request'
        when 'lambda' then 'Serverless'
        when 'rds' then 'Database Instance'
        else ''
    end as product_product_family,
    region as product_region_code,
    product_code as product_servicecode,
    upper(left(md5(usage_type), 16)) as product_sku,
    usage_type as product_usagetype,
    map(
        ['user_team', 'user_environment', 'user_application'],
        [
            'team-' || cast(owner % 50 as varchar),
            case when owner % 3 = 0 then 'staging' else 'production' end,
            'application-' || cast(owner as varchar)
        ]
    ) as resource_tags,
    {empty_columns}
from worded
