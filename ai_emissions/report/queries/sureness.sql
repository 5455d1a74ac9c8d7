-- One row per basis and confidence of the power figure.

select
    power_basis,
    power_confidence,
    sum(gco2e) as gco2e,
    sum(kwh) as kwh
from fct_ai_emissions
where status = 'estimated'
group by power_basis, power_confidence
order by
    list_position(['measured', 'size_bucket', 'media_table'], power_basis),
    list_position(['high', 'medium', 'low'], power_confidence)
