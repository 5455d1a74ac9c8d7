-- One row per equivalence over the whole period.

select
    equivalence,
    max(equivalence_name) as equivalence_name,
    max(unit) as unit,
    sum(amount) as amount,
    sum(amount_low) as amount_low,
    sum(amount_high) as amount_high,
    max(basis) as basis,
    max(figure) as figure,
    max(figure_unit) as figure_unit,
    max(data_year) as data_year,
    max(source) as source,
    max(licence) as licence,
    max(note) as note
from emission_equivalences
group by equivalence
having sum(amount) is not null
order by min(factor_id)
