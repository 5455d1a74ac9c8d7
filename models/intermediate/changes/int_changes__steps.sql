-- Grain: cell of a month x cause. The way from the month before to the month, in five steps that add up to the change
-- exactly: all usage grows alike (volume), it moves between models, kinds and regions (mix), then its power figures,
-- the factors between IT and generation (facility), and the carbon intensity (grid) change. A cell without usage
-- before or after changes by volume and mix alone.

with

pairs as (
    select
        *,
        -- Corrections can leave a cell with energy and no quantity, or with neither: nothing to compare per unit.
        earlier_it_kwh_per_unit * earlier_kwh_per_it_kwh * earlier_gco2e_per_kwh is not null
        and it_kwh_per_unit * kwh_per_it_kwh * gco2e_per_kwh is not null as is_on_both_sides,
        -- Without earlier usage of that unit there is nothing to grow: all of it is volume.
        case when growth is null then kwh else earlier_kwh * (growth - 1) end as volume_kwh,
        case when growth is null then gco2e else earlier_gco2e * (growth - 1) end as volume_gco2e,
        quantity * earlier_it_kwh_per_unit * earlier_kwh_per_it_kwh as kwh_at_earlier_figures,
        quantity * it_kwh_per_unit * earlier_kwh_per_it_kwh as kwh_at_earlier_factors
    from {{ ref('int_changes__pairs') }}
),

steps as (
    select
        *,
        case
            when growth is null then 0
            when is_on_both_sides then kwh_at_earlier_figures - growth * earlier_kwh
            else kwh - growth * earlier_kwh
        end as mix_kwh,
        case
            when growth is null then 0
            when is_on_both_sides then kwh_at_earlier_figures * earlier_gco2e_per_kwh - growth * earlier_gco2e
            else gco2e - growth * earlier_gco2e
        end as mix_gco2e,
        case when is_on_both_sides then kwh_at_earlier_factors - kwh_at_earlier_figures else 0 end as power_figure_kwh,
        case when is_on_both_sides then kwh - kwh_at_earlier_factors else 0 end as facility_kwh,
        case when is_on_both_sides then kwh * (gco2e_per_kwh - earlier_gco2e_per_kwh) else 0 end as grid_gco2e
    from pairs
)

{% set causes = [
    ('volume', 'volume_kwh', 'volume_gco2e'),
    ('mix', 'mix_kwh', 'mix_gco2e'),
    ('power_figure', 'power_figure_kwh', 'power_figure_kwh * coalesce(earlier_gco2e_per_kwh, 0)'),
    ('facility', 'facility_kwh', 'facility_kwh * coalesce(earlier_gco2e_per_kwh, 0)'),
    ('grid', '0', 'grid_gco2e'),
] %}
{% for cause, kwh, gco2e in causes %}
select
    usage_month,
    source,
    '{{ cause }}' as cause,
    cast({{ kwh }} as double) as kwh_change,
    {{ gco2e }} as gco2e_change
from steps
{% if not loop.last %}union all{% endif %}
{% endfor %}
