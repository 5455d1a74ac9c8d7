{{ config(materialized='table') }}

-- One row per distinct meter: every combination of what decides how a billing line is understood. Splits the usage
-- type into its region prefix and the rest: USE1-MP:USE1_InputTokenCount-Units is USE1 and InputTokenCount.

with

lines as (
    select * from {{ ref('int_aws__usage_lines') }}
),

prefixes as (
    select * from {{ ref('usage_type_prefixes') }}
),

meters as (
    select distinct
        meter_key,
        billing_entity,
        product_code,
        product_name,
        model_attribute,
        usage_type,
        pricing_unit,
        product_pricing_unit,
        description,
        region,
        resource_region,
        resource_model,
        resource_scope,
        nullif(regexp_extract(usage_type, '^([A-Z]{2,5}[0-9]?)[-_]', 1), '') as leading_capitals,
        coalesce(billing_entity = 'AWS Marketplace', false)
        or coalesce({{ is_opaque_product_code('product_code') }}, false)
        or {{ regex_matches("coalesce(usage_type, '')", "'(^|-)MP:'") }} as is_marketplace
    from lines
),

-- Capitals at the start are a prefix if the list knows them or they end in a digit: GPT-OSS-... has no prefix.
prefixed as (
    select
        meters.*,
        prefixes.region_code as prefix_region_code,
        case
            when prefixes.region_code is not null or {{ regex_matches('meters.leading_capitals', "'[0-9]$'") }}
                then meters.leading_capitals
        end as usage_type_prefix
    from meters
    left join prefixes
        on meters.leading_capitals = prefixes.usage_type_prefix
)

select
    meter_key,
    billing_entity,
    is_marketplace,
    product_code,
    product_name,
    model_attribute,
    usage_type,
    usage_type_prefix,
    prefix_region_code,
    -- What is left of the usage type: without prefix, Marketplace mark, repeated prefix and the word Units.
    regexp_replace(
        regexp_replace(
            substr(usage_type, coalesce(length(usage_type_prefix) + 2, 1)), '^MP:([A-Z]{2,5}[0-9]?_)?', ''
        ),
        '-Units$', ''
    ) as metric,
    pricing_unit,
    product_pricing_unit,
    description,
    region,
    resource_region,
    resource_model,
    resource_scope
from prefixed
