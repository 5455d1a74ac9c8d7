-- One row per model of the catalogue: is it in the per-model dataset, and is its maker? Inputs that allow no size
-- bucket estimate no other text model, and no images or video of other makers.

with

models as (
    select * from {{ ref('models') }}
),

dataset_models as (
    select distinct model_id from {{ ref('model_power_names') }}
    where coalesce(in_the_81, true)
)

select
    models.model_id,
    models.model_provider,
    models.modality,
    dataset_models.model_id is not null as is_in_dataset,
    bool_or(dataset_models.model_id is not null) over (partition by models.model_provider) as is_of_dataset_provider
from models
left join dataset_models
    on models.model_id = dataset_models.model_id
