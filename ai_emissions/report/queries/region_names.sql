-- One row per region code.

select
    region,
    any_value(region_name) as region_name,
    any_value(country_name) as country_name
from dim_regions
group by region
