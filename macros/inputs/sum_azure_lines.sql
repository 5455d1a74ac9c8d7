{#- The last steps of both Azure reading models: which reading of the quantity the row's own price supports, then the lines
    summed to one row per file, day and everything that tells usage apart. Prices differ from row to row, so the check
    cannot wait until after the sum. Cost over (amount x price) is about 1 if the amount counts priced blocks, and about
    1 / block if it counts single units; the blocks of AI meters are 100 or more, so no discount can confuse the two. -#}
{% macro sum_azure_lines(relation) -%}
{%- set low, high = var('price_check_range') -%}
with_units as (
    select
        lines.*,
        units.base_unit,
        coalesce(units.quantity_per_unit, lines.stated_block) as quantity_per_unit,
        case
            when lines.unit_text is not null and units.unit_of_measure is not null then 'unit'
            when units.unit_of_measure is not null then 'assumed'
            when lines.stated_block is not null then 'stated'
            else 'unknown'
        end as quantity_basis,
        lines.price_cost / nullif(lines.usage_amount * lines.price, 0) as price_ratio,
        lines.other_price_cost / nullif(lines.usage_amount * lines.price, 0) as other_price_ratio
    from {{ relation }} as lines
    left join units
        on
            -- Only a first-party token meter without any unit tells its block by its name, and is marked as assumed.
            coalesce(
                lower(lines.unit_text),
                case
                    when lines.stated_block is not null or lines.is_marketplace then null
                    when {{ regex_matches('lower(lines.meter_name)', "'\\b1m tokens?\\b'") }} then '1m'
                    when {{ regex_matches('lower(lines.meter_name)', "'\\btokens?( - preview)?$'") }} then '1k'
                end
            ) = units.unit_of_measure
),

fitted as (
    select
        *,
        coalesce(price_ratio between {{ low }} and {{ high }}, false)
        or coalesce(other_price_ratio between {{ low }} and {{ high }}, false) as fits_blocks,
        coalesce(price_ratio * quantity_per_unit between {{ low }} and {{ high }}, false)
        or coalesce(other_price_ratio * quantity_per_unit between {{ low }} and {{ high }}, false) as fits_single_units
    from with_units
),

checked as (
    select
        * exclude (
            price, price_cost, other_price_cost, price_ratio, other_price_ratio, fits_blocks, fits_single_units, stated_block
        ),
        case
            when quantity_per_unit is null then 'no_unit'
            when quantity_per_unit = 1 then 'block_is_one'
            when fits_blocks and fits_single_units then 'open'
            when fits_blocks then 'blocks'
            when fits_single_units then 'single_units'
            when coalesce(price_ratio, other_price_ratio) is not null then 'open'
            -- Tokens and images come whole: a fraction of one is a number of blocks.
            when base_unit = 'Units' and abs(usage_amount - round(usage_amount)) > 1e-6 + 1e-9 * abs(usage_amount)
                then 'fraction'
            else 'no_price'
        end as unit_check,
        case
            when usage_amount_text is null then 'no usage amount'
            when usage_amount is null then 'usage amount is not a number'
            when cost_amount is null and cost_text is not null then 'cost is not a number'
        end as unreadable_amount
    from fitted
)

select
    files.reader,
    files.source_delivery,
    files.billing_period as delivered_period,
    checked.* exclude (usage_amount_text, cost_text, usage_amount, cost_amount),
    count(*) as line_count,
    sum(checked.usage_amount) as usage_amount,
    sum(checked.cost_amount) as cost_amount
from checked
left join files
    on checked.file_path = files.file_path
group by all
{%- endmacro %}
