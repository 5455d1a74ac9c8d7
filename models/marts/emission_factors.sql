-- Grain: factor row. Every figure the results can rest on, with its validity, unit and source: power figures, size-
-- bucket averages, media table, power factors, PUE, carbon intensity and equivalences. Fact rows name the rows they
-- used.

with

all_rows as (
    select * from {{ ref('int_power__figure_rows') }}
    union all
    select * from {{ ref('int_factors__factor_rows') }}
)

select
    factor_id,
    factor_type,
    applies_to,
    figure,
    unit,
    valid_from,
    valid_to,
    edition,
    source,
    licence,
    evidence,
    note
from all_rows
