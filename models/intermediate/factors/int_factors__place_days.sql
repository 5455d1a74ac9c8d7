-- One row per place and day of usage: the region with its country, zone and PUE geography.

with

usage as (
    select distinct
        place_day_key,
        cloud_provider,
        region_billed,
        place_level,
        usage_date
    from {{ ref('int_usage') }}
    where place_day_key is not null
),

regions as (
    select * from {{ ref('regions') }}
)

select
    usage.place_day_key,
    usage.cloud_provider,
    usage.region_billed,
    usage.place_level,
    usage.usage_date,
    regions.country_code,
    regions.subdivision_code,
    regions.zone_code,
    regions.pue_geography
from usage
left join regions
    on
        usage.cloud_provider = regions.provider
        and usage.region_billed = regions.region_code
