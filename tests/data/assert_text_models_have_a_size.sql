-- The method promises every generative text model a figure: each has a size, an assumed bucket with its reason, or
-- a class of the dataset.

select *
from {{ ref('models') }}
where
    modality = 'text'
    and (
        coalesce(dataset_size_class, assumed_size_bucket, cast(nominal_params_b as string)) is null
        or size_basis is null
        or (size_basis = 'assumed' and size_reason is null)
    )
