-- The row that stands for a bare model name is a row of that very model.

select
    models.model_id,
    models.default_power_row,
    names.model_id as row_of_model
from {{ ref('models') }} as models
left join {{ ref('model_power_names') }} as names
    on models.default_power_row = names.model_name_as_published
where
    models.default_power_row is not null
    and names.model_id is distinct from models.model_id
