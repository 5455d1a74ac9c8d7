-- The largest pieces of estimated usage that what-if questions are asked of, each with all its months. Grain: month x
-- source x model x region x unit.

with

months as (
    select * from {{ ref('int_what_if__months') }}
),

usage as (
    select
        usage_month,
        source,
        cloud_provider,
        modality,
        model_id,
        region_used,
        quantity_unit,
        sum(quantity) as quantity,
        -- What a power figure multiplies: cached reads with their weight.
        sum(quantity * wh_per_unit / nullif(figure_wh_per_unit, 0)) as weighted_quantity,
        sum(it_kwh) as it_kwh,
        sum(kwh) as kwh,
        sum(gco2e) as gco2e
    from {{ ref('int_emissions') }}
    where status = 'estimated'
    group by usage_month, source, cloud_provider, modality, model_id, region_used, quantity_unit
),

pieces as (
    select
        usage.*,
        months.usage_date as rated_on,
        sum(usage.gco2e) over (
            partition by usage.source, usage.model_id, usage.region_used, usage.quantity_unit
        ) as piece_gco2e
    from usage
    inner join months
        on
            usage.source = months.source
            and usage.usage_month = months.usage_month
),

ranked as (
    select
        *,
        dense_rank() over (
            order by
                piece_gco2e desc nulls last,
                source asc nulls last,
                model_id asc nulls last,
                region_used asc nulls last,
                quantity_unit asc nulls last
        ) as size_rank
    from pieces
)

select {{ all_but(['piece_gco2e']) }} from ranked
where size_rank <= {{ var('what_if_pieces') }}
