-- Grain: model. The catalogue as the results use it: size, bucket, and whether the model has a measured figure of
-- its own.

with

models as (
    select * from {{ ref('int_power__models') }}
),

figures as (
    select
        model_id,
        count(*) as measured_figure_count,
        max(measured_on) as last_measured_on
    from {{ ref('int_power__figures') }}
    group by model_id
),

aliases as (
    select
        model_id,
        count(*) as alias_count
    from {{ ref('model_aliases') }}
    group by model_id
)

select
    models.model_id,
    models.model_name,
    models.model_provider,
    models.modality,
    models.nominal_params_b,
    models.total_params_b,
    models.active_params_b,
    models.size_basis,
    models.size_reason,
    models.size_source,
    models.size_bucket,
    coalesce(figures.measured_figure_count, 0) as measured_figure_count,
    figures.last_measured_on,
    models.default_power_row,
    coalesce(aliases.alias_count, 0) as alias_count
from models
left join figures
    on models.model_id = figures.model_id
left join aliases
    on models.model_id = aliases.model_id
