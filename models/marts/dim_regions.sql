-- Grain: cloud provider x region. Where each region stands: the keys its factors are found by.

with

regions as (
    select * from {{ ref('regions') }}
),

pue as (
    select
        provider,
        region_code,
        count(*) as own_pue_count
    from {{ ref('pue') }}
    where scope = 'region' and in_default_set
    group by provider, region_code
)

select
    regions.provider as cloud_provider,
    regions.region_code as region,
    regions.region_name,
    regions.partition,
    regions.country_code,
    regions.country_name,
    regions.subdivision_code,
    regions.zone_code,
    regions.pue_geography,
    coalesce(pue.own_pue_count, 0) > 0 as has_own_pue,
    regions.source,
    regions.evidence,
    regions.note
from regions
left join pue
    on
        regions.provider = pue.provider
        and regions.region_code = pue.region_code
