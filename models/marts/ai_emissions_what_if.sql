-- Grain: month x piece of usage x change x alternative. What the largest usage of the last months would have emitted in
-- another region of its cloud, or on another model. Models are not interchangeable: the same tokens are not the same
-- work.

select
    usage_month,
    change,
    source,
    model_id,
    region_used as region,
    quantity,
    quantity_unit,
    kwh,
    gco2e,
    alternative,
    alternative_kwh,
    alternative_gco2e,
    alternative_gco2e - gco2e as gco2e_difference,
    alternative_power_basis as power_basis,
    case change
        when 'region'
            then 'as if the model ran there: not every region offers every model; latency, law and price differ'
        else 'as if the other model took the same tokens: models differ in ability and in the tokens they need'
    end as caveat
from {{ ref('int_what_if__moves') }}
