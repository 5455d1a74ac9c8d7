-- One row per choice over the whole period, the method document first.

select
    choice,
    max(choice_name) as choice_name,
    max(what_changes) as what_changes,
    sum(kwh) as kwh,
    sum(gco2e) as gco2e
from ai_emissions_sensitivity
group by choice
order by
    choice = 'method_document' desc,
    choice = 'as_built' desc,
    abs(sum(gco2e) - (select sum(gco2e) from ai_emissions_sensitivity where choice = 'method_document')) desc nulls last,
    choice
