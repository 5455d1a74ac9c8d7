-- Grain: source x status x string x unit x currency. Every string that kept usage out of the number because nobody
-- lists it yet, largest first: what to add to the catalogue. tokens counts what is known in tokens.

with

emissions as (
    select * from {{ ref('fct_ai_emissions') }}
    where status in ('unmapped_model', 'unsized_model', 'unmapped_region', 'unknown_unit', 'no_power_figure')
),

named as (
    select
        *,
        case status
            when 'unmapped_region' then region_billed
            when 'unknown_unit' then quantity_unit
            else coalesce(model_id, model_name_raw, meter_name)
        end as unresolved_text
    from emissions
),

summed as (
    select
        source,
        status,
        unresolved_text,
        status_reason,
        quantity_unit,
        cost_currency,
        min(meter_name) as example_meter_name,
        min(usage_date) as first_usage_date,
        max(usage_date) as last_usage_date,
        cast(sum(line_count) as bigint) as line_count,
        sum(quantity) as quantity,
        sum(case when quantity_unit = 'token' then quantity end) as tokens,
        sum(cost_amount) as cost_amount
    from named
    group by source, status, unresolved_text, status_reason, quantity_unit, cost_currency
)

select
    row_number() over (
        order by
            cost_amount desc nulls last,
            tokens desc nulls last,
            source asc nulls last,
            status asc nulls last,
            unresolved_text asc nulls last,
            quantity_unit asc nulls last,
            cost_currency asc nulls last,
            status_reason asc nulls last
    ) as size_rank,
    source,
    status,
    unresolved_text,
    status_reason,
    example_meter_name,
    first_usage_date,
    last_usage_date,
    line_count,
    quantity,
    quantity_unit,
    tokens,
    cost_amount,
    cost_currency
from summed
