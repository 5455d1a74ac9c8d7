-- One row per model and functional unit over the whole period: sums first, then the rate.

select
    functional_unit,
    model_id,
    sum(functional_units) as functional_units,
    sum(functional_units_without_estimate) as functional_units_without_estimate,
    sum(operational_kwh) as operational_kwh,
    sum(operational_gco2e) as operational_gco2e,
    sum(operational_gco2e) / nullif(sum(functional_units), 0) as rate,
    sum(operational_gco2e_low) / nullif(sum(functional_units), 0) as rate_low,
    sum(operational_gco2e_high) / nullif(sum(functional_units), 0) as rate_high,
    max(boundary) as boundary,
    max(not_included) as not_included,
    max(quantification) as quantification
from sci_operational_by_model_month
where operational_gco2e is not null
group by functional_unit, model_id
order by
    list_position(['1,000 tokens', 'image', 'video second'], functional_unit), rate desc nulls last, model_id
