-- One row per place and day that usage might move to: every region of the cloud it runs in, with the settings of this
-- build.

with

months as (
    select distinct
        cloud_provider,
        usage_date
    from {{ ref('int_what_if__months') }}
),

regions as (
    select * from {{ ref('regions') }}
),

settings as (
    select * from {{ ref('int_choices__methods') }}
    where choice = 'as_built'
)

select
    months.cloud_provider,
    regions.region_code as region_billed,
    'region' as place_level,
    settings.grid_level,
    settings.transmission_factor_set,
    months.usage_date
from months
inner join regions
    on months.cloud_provider = regions.provider
cross join settings
