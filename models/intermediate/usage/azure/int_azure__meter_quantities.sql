-- One row per meter: what is counted and how many of it one unit of the billed amount is. The block comes from the unit
-- of the line, never from a price list; whether the amount counts blocks or single units, the price of the line says
-- (sum_azure_lines). Where that stays open there is no quantity: a wrong guess is a factor of a thousand or a million.

with

meters as (
    select
        meters.*,
        classes.meter_class,
        classes.counted
    from {{ ref('int_azure__meters') }} as meters
    inner join {{ ref('int_azure__meter_classes') }} as classes
        on meters.meter_key = classes.meter_key
),

counted as (
    select
        *,
        case
            when counted = 'video_second' then 'second'
            when counted = 'search' then 'search_unit'
            when counted <> 'unit' then counted
            when meter_class = 'ptu'
                then 'ptu_' || trim(trailing 's' from lower(regexp_extract(base_unit, '[A-Za-z]+$', 0)))
            when base_unit in ('Hours', 'Units/Hour') then 'hour'
            else coalesce(lower(base_unit), 'unknown')
        end as quantity_unit,
        case
            -- A Marketplace plan that says 1 may mean one token or a thousand of them.
            when counted = 'token' and is_marketplace and unit_check = 'block_is_one' then null
            -- The list does not know the text: only the price can vouch for the block the line states.
            when quantity_basis = 'stated' and unit_check not in ('blocks', 'single_units') then null
            when counted in ('token', 'image') and base_unit <> 'Units' then null
            when counted = 'video_second' and base_unit not in ('Units', 'Seconds') then null
            when unit_check = 'block_is_one' or quantity_reading = 'single_units' then 1
            when quantity_reading = 'blocks' then quantity_per_unit
        end as quantity_per_amount
    from meters
)

select
    meter_key,
    quantity_unit,
    cast(quantity_per_amount as double) as quantity_per_unit,
    quantity_basis,
    case
        when quantity_per_amount is null then 'unit_unverifiable'
        when quantity_basis = 'assumed' and unit_check <> 'single_units' or unit_check = 'fraction' then 'unit_assumed'
        when unit_check = 'no_price' then 'unit_unverifiable'
        when unit_check = 'block_is_one' then 'reported'
        when unit_check = usual_reading then 'unit_confirmed'
        else 'unit_corrected'
    end as usage_quality,
    case
        when quantity_per_amount is not null then null
        when unit_check = 'open'
            then 'cost and price of the line do not tell blocks from single units: ' || coalesce(unit_text, 'no unit')
        when unit_check = 'fraction' and quantity_reading is null
            then 'a fraction of a token in a file that counts single units: ' || coalesce(unit_text, 'no unit')
        when unit_check = 'no_price' and quantity_reading is null
            then 'no price, in a file that counts blocks and single units: ' || coalesce(unit_text, 'no unit')
        else 'unit not known for this kind of usage: ' || coalesce(unit_text, 'none')
    end as open_unit_reason
from counted
