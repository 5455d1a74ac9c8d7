{{ config(materialized='table') }}

-- One row per resource that usage is billed to, with what its ARN tells. An ARN names a model if it is a foundation
-- model, a system inference profile or a customised model (its base). Ids of application inference profiles and
-- provisioned throughput are random.

with

resources as (
    select distinct resource_id
    from {{ ref('int_aws__export_lines') }}
    where resource_id is not null
),

arns as (
    select
        resource_id,
        nullif(regexp_extract(resource_id, '^arn:aws[^:]*:bedrock:([a-z0-9-]+):', 1), '') as resource_region,
        regexp_extract(resource_id, '^arn:aws[^:]*:bedrock:[^:]*:[^:]*:([a-z-]+)/', 1) as resource_type,
        regexp_extract(
            resource_id,
            '^arn:aws[^:]*:bedrock:[^:]*:[^:]*:(?:foundation-model|inference-profile|custom-model)/([^/]+)', 1
        ) as resource_name
    from resources
),

profiles as (
    select
        *,
        regexp_extract(resource_name, '^(us-gov|us|eu|apac|jp|au|ca|in|sa|me|af|global)[.]', 1) as profile_prefix
    from arns
)

select
    resource_id,
    resource_region,
    nullif(regexp_replace(resource_name, '^(us-gov|us|eu|apac|jp|au|ca|in|sa|me|af|global)[.]', ''), '')
        as resource_model,
    case
        when resource_type = 'inference-profile' and profile_prefix = 'global' then 'global'
        when resource_type = 'inference-profile' and profile_prefix <> '' then 'geo'
    end as resource_scope
from profiles
