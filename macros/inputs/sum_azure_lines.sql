{#- The last steps of both Azure reading models: which reading of the quantity the row's own price supports, then the lines
    summed to one row per file, day and everything that tells usage apart. Prices differ from row to row, so the check
    cannot wait until after the sum. Cost over (amount x price) is about 1 if the amount counts priced blocks, and about
    1 / block if it counts single units; the blocks of AI meters are 100 or more, so no discount can confuse the two.

    A rate of exchange can: 150 yen to the dollar look like a block of 100. currencies says what is known of the two
    currencies. same: one currency. either: they differ and the rate is known, the price may be in either; both checks are
    kept and the file decides (int_azure__price_currencies). unknown: nothing is proven; a price that speaks against the
    usual reading leaves the line open. unstated: most likely one currency, so a price that fits is believed, and one that
    does not says nothing. But for one currency the bounds are narrow, so that a rate is no discount. -#}
{% macro sum_azure_lines(relation) -%}
{%- set low, high = var('price_check_range') -%}
{%- set narrow_low, narrow_high = var('foreign_price_check_range') -%}
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
        case
            when lines.currencies = 'either'
                then lines.price_cost / nullif(lines.usage_amount * lines.price * lines.exchange_rate, 0)
        end as converted_ratio,
        case when lines.currencies = 'same' then {{ low }} else {{ narrow_low }} end as lowest_ratio,
        case when lines.currencies = 'same' then {{ high }} else {{ narrow_high }} end as highest_ratio
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
        {% for ratio in ['price_ratio', 'converted_ratio'] %}
        {{ ratio }} between lowest_ratio and highest_ratio as {{ ratio }}_fits_blocks,
        {{ ratio }} * quantity_per_unit between lowest_ratio and highest_ratio as {{ ratio }}_fits_single_units,
        {% endfor %}
        -- Tokens and images come whole: a fraction of one is a number of blocks.
        case
            when base_unit = 'Units' and abs(usage_amount - round(usage_amount)) > 1e-6 + 1e-9 * abs(usage_amount)
                then 'fraction'
            else 'no_price'
        end as without_price
    from with_units
),

compared as (
    select
        *,
        {% for ratio in ['price_ratio', 'converted_ratio'] %}
        case
            when {{ ratio }} is null then without_price
            when {{ ratio }}_fits_blocks = {{ ratio }}_fits_single_units then 'open'
            when {{ ratio }}_fits_blocks then 'blocks'
            else 'single_units'
        end as {{ ratio }}_check,
        {{ ratio }}_fits_blocks or {{ ratio }}_fits_single_units as {{ ratio }}_fits{{ ',' if not loop.last }}
        {% endfor %}
    from fitted
),

checked as (
    select
        {{ all_but([
            'price', 'price_cost', 'exchange_rate', 'currencies', 'stated_block', 'lowest_ratio', 'highest_ratio',
            'without_price', 'price_ratio', 'price_ratio_fits_blocks', 'price_ratio_fits_single_units',
            'price_ratio_fits', 'price_ratio_check', 'converted_ratio', 'converted_ratio_fits_blocks',
            'converted_ratio_fits_single_units', 'converted_ratio_fits', 'converted_ratio_check',
        ]) }},
        case
            when quantity_per_unit is null then 'no_unit'
            when quantity_per_unit = 1 then 'block_is_one'
            when currencies in ('same', 'either') then price_ratio_check
            when currencies = 'unstated' and price_ratio_check <> 'open' then price_ratio_check
            when
                currencies = 'unknown' and price_ratio_check in ('blocks', 'single_units')
                and price_ratio_check <> usual_reading
                then 'open'
            else without_price
        end as billed_unit_check,
        case when currencies = 'either' and quantity_per_unit > 1 then converted_ratio_check end as converted_unit_check,
        -- The one currency in which the price of the line can be understood, if it is only one.
        case
            when price_ratio_fits and not converted_ratio_fits then 'billing'
            when converted_ratio_fits and not price_ratio_fits then 'pricing'
        end as price_currency,
        case
            when usage_amount_text is null then 'no usage amount'
            when usage_amount is null then 'usage amount is not a number'
            when cost_amount is null and cost_text is not null then 'cost is not a number'
        end as unreadable_amount
    from compared
),

summed as (
    select
        {{ all_but(['usage_amount_text', 'cost_text', 'usage_amount', 'cost_amount'], 'checked') }},
        count(*) as line_count,
        sum(checked.usage_amount) as usage_amount,
        sum(checked.cost_amount) as cost_amount
    from checked
    group by all
)

-- A file without such lines has one row with line_count 0: it was read.
select
    files.reader,
    files.source_delivery,
    files.billing_period as delivered_period,
    files.file_path,
    files.read_key,
    {{ all_but(['file_path', 'line_count'], 'summed') }},
    coalesce(summed.line_count, 0) as line_count
from files
left join summed
    on files.file_path = summed.file_path
{%- endmacro %}
