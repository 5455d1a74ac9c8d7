-- One row per spelling of a model, normalised: the table names are looked up in.

select
    {{ normalised_name('alias') }} as normalised_name,
    alias,
    model_id,
    variant
from {{ ref('model_aliases') }}
