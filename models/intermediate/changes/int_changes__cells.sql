-- Estimated usage summed to the cells a change is explained by. Grain: month x source x unit x model x kind x region x
-- media figure. Within a cell only the power figure and the factors of the place can change per unit of usage.

with

cells as (
    select
        usage_month,
        source,
        quantity_unit,
        model_id,
        model_variant,
        usage_kind,
        region_used,
        case when modality <> 'text' then power_figure_id end as media_figure_id,
        sum(quantity) as quantity,
        sum(abs(quantity)) as gross_quantity,
        sum(it_kwh) as it_kwh,
        sum(kwh) as kwh,
        sum(gco2e) as gco2e
    from {{ ref('int_emissions') }}
    where status = 'estimated'
    group by usage_month, source, quantity_unit, model_id, model_variant, usage_kind, region_used, media_figure_id
)

select
    usage_month,
    source,
    quantity_unit,
    {{ row_key([
        'source', 'quantity_unit', 'model_id', 'model_variant', 'usage_kind', 'region_used', 'media_figure_id',
    ]) }} as cell_key,
    quantity,
    gross_quantity,
    it_kwh,
    kwh,
    gco2e
from cells
