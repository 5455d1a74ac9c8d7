-- One row per model whose size is assumed.

select model_id
from dim_models
where size_basis = 'assumed'
order by model_id
