{{ config(materialized='table') }}

-- All forms of AWS exports in one shape. Grain: as the reading models. Adds what is read out of the resource ARN
-- and the key of the meter: everything that decides how a line is understood, so that each distinct meter is parsed
-- once.

with

lines as (
    select * from {{ ref('stg_aws__cur2') }}
    union all by name
    select * from {{ ref('stg_aws__cur_legacy_csv') }}
    union all by name
    select * from {{ ref('stg_aws__cur_legacy_parquet') }}
    union all by name
    select * from {{ ref('stg_aws__focus') }}
),

charge_types as (
    select * from {{ ref('charge_types') }}
),

-- An ARN names a model if it is a foundation model, a system inference profile or a customised model (its base).
-- Ids of application inference profiles and provisioned throughput are random.
resources as (
    select
        lines.*,
        nullif(regexp_extract(lines.resource_id, '^arn:aws[^:]*:bedrock:([a-z0-9-]+):', 1), '') as resource_region,
        regexp_extract(lines.resource_id, '^arn:aws[^:]*:bedrock:[^:]*:[^:]*:([a-z-]+)/', 1) as resource_type,
        regexp_extract(
            lines.resource_id,
            '^arn:aws[^:]*:bedrock:[^:]*:[^:]*:(?:foundation-model|inference-profile|custom-model)/([^/]+)', 1
        ) as resource_name
    from lines
),

profiles as (
    select
        *,
        regexp_extract(resource_name, '^(us-gov|us|eu|apac|jp|au|ca|in|sa|me|af|global)\.', 1) as profile_prefix
    from resources
),

described as (
    select
        profiles.*,
        nullif(regexp_replace(profiles.resource_name, '^(us-gov|us|eu|apac|jp|au|ca|in|sa|me|af|global)\.', ''), '')
            as resource_model,
        case
            when profiles.resource_type = 'inference-profile' and profiles.profile_prefix = 'global' then 'global'
            when profiles.resource_type = 'inference-profile' and profiles.profile_prefix <> '' then 'geo'
        end as resource_scope,
        charge_types.is_usage
    from profiles
    left join charge_types
        on profiles.charge_type = charge_types.charge_type
)

select
    source_delivery,
    file_path,
    cast(date_trunc('month', coalesce(billing_period, delivered_period)) as date) as usage_month,
    usage_date,
    billing_account_id,
    account_id,
    billing_entity,
    charge_type,
    is_usage,
    product_code,
    product_name,
    model_attribute,
    usage_type,
    pricing_unit,
    product_pricing_unit,
    description,
    region,
    resource_id,
    resource_region,
    resource_model,
    resource_scope,
    tags,
    cost_categories,
    cost_currency,
    unreadable_amount,
    line_count,
    usage_amount,
    cost_amount,
    {{ row_key([
        'billing_entity', 'product_code', 'product_name', 'model_attribute', 'usage_type', 'pricing_unit',
        'product_pricing_unit', 'description', 'region', 'resource_region', 'resource_model', 'resource_scope',
    ]) }} as meter_key,
    {{ row_key(['tags', 'cost_categories']) }} as tag_group_key
from described
