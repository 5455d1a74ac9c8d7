-- One row per equivalence over the whole period. Where its edition changed within, the figure of the newest month.

select
    equivalence,
    max(equivalence_name) as equivalence_name,
    max(unit) as unit,
    sum(amount) as amount,
    sum(amount_low) as amount_low,
    sum(amount_high) as amount_high,
    max(basis) as basis,
    arg_max(figure, usage_month) as figure,
    count(distinct factor_id) as edition_count,
    arg_max(figure_unit, usage_month) as figure_unit,
    arg_max(data_year, usage_month) as data_year,
    arg_max(source, usage_month) as source,
    arg_max(licence, usage_month) as licence,
    arg_max(note, usage_month) as note
from emission_equivalences
group by equivalence
having sum(amount) is not null
order by min(factor_id)
