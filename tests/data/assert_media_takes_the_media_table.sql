-- A figure per token never rates an image or a second of video, nor the other way round: either would be wrong by
-- three orders of magnitude.

select
    emission_id,
    usage_kind,
    quantity_unit,
    power_basis
from {{ ref('fct_ai_emissions') }}
where
    status = 'estimated'
    and (quantity_unit in ('image', 'second')) is distinct from (power_basis = 'media_table')
