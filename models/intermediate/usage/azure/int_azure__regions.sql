-- One row per region text of the bill: the region it names. Listed spellings first as they stand, then without blanks,
-- since ch north (Switzerland North) and chnorth (China North) are different places.

with

texts as (
    select distinct region from {{ ref('int_azure__usage_lines') }}
    where region is not null
),

region_names as (
    select
        lower(region_code) as region_name,
        region_code,
        1 as name_rank
    from {{ ref('regions') }}
    where provider = 'azure'
    union all
    select
        lower(region_name) as region_name,
        region_code,
        2 as name_rank
    from {{ ref('regions') }}
    where provider = 'azure'
    union all
    select
        lower(alias) as region_name,
        region_code,
        3 as name_rank
    from {{ ref('region_aliases') }}
    where provider = 'azure'
),

matches as (
    select
        texts.region,
        region_names.region_code,
        row_number() over (
            partition by texts.region
            order by texts.region <> region_names.region_name, region_names.name_rank
        ) as choice
    from texts
    inner join region_names
        on
            texts.region = region_names.region_name
            or replace(texts.region, ' ', '') = region_names.region_name
)

select
    region,
    region_code
from matches
where choice = 1
