-- What changed since the month before, and why? Each month's change, split into volume, mix, power figures, facility
-- factors and grid. The parts add up to the change exactly.

with

changes as (
    select * from {{ ref('ai_emissions_change') }}
)

select
    usage_month,
    sum(gco2e_change) / 1000 as change_kgco2e,
    sum(case when cause = 'volume' then gco2e_change end) / 1000 as volume_kgco2e,
    sum(case when cause = 'mix' then gco2e_change end) / 1000 as mix_kgco2e,
    sum(case when cause = 'power_figure' then gco2e_change end) / 1000 as power_figure_kgco2e,
    sum(case when cause = 'facility' then gco2e_change end) / 1000 as facility_kgco2e,
    sum(case when cause = 'grid' then gco2e_change end) / 1000 as grid_kgco2e
from changes
group by usage_month
order by usage_month desc
