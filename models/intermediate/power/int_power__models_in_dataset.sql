-- One row per model of the catalogue: is it in the per-model dataset, and is its maker? Inputs that allow no size
-- bucket estimate no other text model, and no images or video of other makers. The dataset is what it has ever
-- published: the names of the catalogue and those of loaded snapshots, less the names the method does not count.

with

models as (
    select * from {{ ref('models') }}
),

names as (
    select * from {{ ref('model_power_names') }}
),

figures as (
    select * from {{ ref('int_power__figures') }}
),

dataset_models as (
    select model_id from names
    where coalesce(in_the_81, true)
    union
    select figures.model_id
    from figures
    left join names
        on figures.model_name_as_published = names.model_name_as_published
    where figures.model_id is not null and coalesce(names.in_the_81, true)
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
