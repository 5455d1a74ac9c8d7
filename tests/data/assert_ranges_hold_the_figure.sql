-- low <= central <= high for usage that adds; corrections are negative and turn the order round.

select *
from {{ ref('fct_ai_emissions') }}
where
    kwh_low is not null
    and (
        (quantity >= 0 and not (kwh_low <= kwh and kwh <= kwh_high))
        or (quantity < 0 and not (kwh_high <= kwh and kwh <= kwh_low))
    )
