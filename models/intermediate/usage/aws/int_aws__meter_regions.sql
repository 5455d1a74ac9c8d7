-- One row per meter: the region it was billed in. The first source that says anything decides; a spelling nobody
-- lists stays unresolved and is shown, it never falls through to the next source.

with

meters as (
    select * from {{ ref('int_aws__meters') }}
),

region_names as (
    select
        lower(region_code) as region_name,
        region_code
    from {{ ref('regions') }}
    where provider = 'aws'
    union
    select
        lower(alias) as region_name,
        region_code
    from {{ ref('region_aliases') }}
    where provider = 'aws'
),

stated as (
    select
        meter_key,
        usage_type_prefix,
        prefix_region_code,
        -- Some Marketplace lines say "global" or "any" where others name the region.
        case when lower(region) not in ('global', 'any', 'none') then region end as region,
        nullif(trim(split_part(description, '|', 2)), '') as description_region,
        resource_region
    from meters
),

chosen as (
    select
        meter_key,
        prefix_region_code,
        coalesce(region, usage_type_prefix, description_region, resource_region) as region_raw,
        case
            when region is not null then 'billing column'
            when usage_type_prefix is not null then 'usage type prefix'
            when description_region is not null then 'description'
            when resource_region is not null then 'resource id'
        end as region_source
    from stated
)

select
    chosen.meter_key,
    chosen.region_raw,
    chosen.region_source,
    case
        when chosen.region_source = 'usage type prefix' then chosen.prefix_region_code
        else region_names.region_code
    end as region_billed
from chosen
left join region_names
    on lower(chosen.region_raw) = region_names.region_name
