-- Which choices of method move the number? The total under each single alternative, beside the method document.

with

choices as (
    select * from {{ ref('ai_emissions_sensitivity') }}
),

totals as (
    select
        choice,
        choice_name,
        what_changes,
        sum(gco2e) / 1000 as kgco2e
    from choices
    group by choice, choice_name, what_changes
)

select
    *,
    kgco2e / max(case when choice = 'method_document' then kgco2e end) over () - 1 as change_share
from totals
-- Doubles summed in another order differ in their last digits.
order by round(abs(change_share), 9) desc, choice asc
