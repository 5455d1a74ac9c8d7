-- One row per model of the catalogue.

select
    model_id,
    model_name,
    model_provider
from dim_models
