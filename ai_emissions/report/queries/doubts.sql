-- One row: emissions that rest on something weaker than a figure of the model in force on the day.

with

rows_in_number as (
    select
        fct.gco2e,
        fct.power_basis,
        fct.power_confidence,
        fct.power_is_backcast,
        fct.intensity_is_backcast,
        fct.range_basis,
        fct.usage_quality,
        models.size_basis
    from fct_ai_emissions as fct
    left join dim_models as models
        on fct.model_id = models.model_id
    where fct.status = 'estimated'
)

select
    sum(gco2e) as gco2e,
    sum(gco2e) filter (where power_basis = 'measured') as measured,
    sum(gco2e) filter (where power_basis = 'size_bucket') as bucketed,
    sum(gco2e) filter (where power_basis = 'media_table') as media,
    sum(gco2e) filter (where power_basis = 'size_bucket' and size_basis = 'assumed') as assumed,
    sum(gco2e) filter (where power_confidence = 'low') as low_confidence,
    sum(gco2e) filter (where power_is_backcast) as power_backcast,
    sum(gco2e) filter (where intensity_is_backcast) as intensity_backcast,
    sum(gco2e) filter (where range_basis is null) as without_range,
    sum(gco2e) filter (where usage_quality in ('unit_unverifiable', 'unit_assumed')) as open_units
from rows_in_number
