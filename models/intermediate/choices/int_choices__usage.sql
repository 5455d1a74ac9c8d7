-- Estimated usage, summed over all that no choice of method looks at. Grain: day x source x place x routing x model x
-- kind x power figure. Its Wh per unit is the figure itself, without the weight of cached reads.

select
    usage_month,
    usage_date,
    source,
    cloud_provider,
    region_billed,
    processing_scope,
    modality,
    model_id,
    model_variant,
    usage_kind,
    power_basis,
    power_figure_id,
    figure_wh_per_unit,
    sum(quantity) as quantity,
    sum(case when quantity_unit = 'token' then quantity end) as tokens
from {{ ref('int_usage_by_day') }}
where status = 'estimated'
group by all
