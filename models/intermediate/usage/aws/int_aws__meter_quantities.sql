-- One row per meter: how many tokens, images or seconds one billed unit is. The unit of the line decides; where it
-- says only Units or nothing, the description does, then a second unit column, then the kind of seller. A wrong
-- guess here is a factor of a thousand, so a unit nobody lists gives no quantity.

with

meters as (
    select
        meters.meter_key,
        meters.is_marketplace,
        lower(trim(meters.pricing_unit)) as pricing_unit,
        lower(trim(meters.product_pricing_unit)) as product_pricing_unit,
        lower(meters.description) as description,
        case
            when classes.quantity_unit = 'token' then coalesce(words.measure, 'token')
            else classes.quantity_unit
        end as expected_unit
    from {{ ref('int_aws__meters') }} as meters
    inner join {{ ref('int_aws__meter_words') }} as words
        on meters.meter_key = words.meter_key
    left join {{ ref('meter_classes') }} as classes
        on words.meter_class = classes.meter_class
),

rules as (
    select * from {{ ref('usage_units') }}
),

attributes as (
    select
        *,
        coalesce(pricing_unit, 'units') in ('unit', 'units') as has_no_unit
    from meters
),

candidates as (
    select
        attributes.meter_key,
        rules.quantity_unit,
        rules.quantity_per_unit,
        case
            -- Units says nothing; that a seller on the Marketplace means a million of them is what is usual.
            when rules.attribute in ('marketplace_default', 'first_party_default') then 'assumed'
            when rules.attribute = 'unit' and not attributes.has_no_unit then 'unit'
            when rules.attribute = 'description' then 'description'
            else 'product_pricing_unit'
        end as quantity_basis,
        row_number() over (
            partition by attributes.meter_key
            order by
                case rules.attribute when 'description' then 1 when 'unit' then 2 else 3 end,
                rules.rank
        ) as choice
    from attributes
    inner join rules
        on
            case
                when not attributes.has_no_unit
                    then rules.attribute = 'unit' and {{ regex_matches('attributes.pricing_unit', 'rules.pattern') }}
                when rules.attribute = 'description'
                    then
                        attributes.expected_unit = rules.quantity_unit
                        and {{ regex_matches('attributes.description', 'rules.pattern') }}
                when rules.attribute = 'unit'
                    then {{ regex_matches('attributes.product_pricing_unit', 'rules.pattern') }}
                when attributes.is_marketplace
                    then rules.attribute = 'marketplace_default' and attributes.expected_unit = rules.quantity_unit
                -- First-party lines have a unit of their own; Units is none of them.
                when attributes.pricing_unit is null
                    then rules.attribute = 'first_party_default' and attributes.expected_unit = rules.quantity_unit
                else false
            end
)

select
    attributes.meter_key,
    candidates.quantity_unit,
    candidates.quantity_per_unit,
    attributes.expected_unit,
    coalesce(candidates.quantity_basis, 'unknown') as quantity_basis
from attributes
left join candidates
    on
        attributes.meter_key = candidates.meter_key
        and candidates.choice = 1
