{{ config(materialized='table') }}

-- One row per meter, text and word: the rule of the grammar the word falls under, if any. The first text is the name of
-- the meter; Marketplace lines name the model in the product or the plan, alone or together with the meter.

with

meters as (
    select * from {{ ref('int_azure__meters') }}
),

rules as (
    select * from {{ ref('azure_meter_words') }}
),

texts as (
    select
        meter_key || ':1' as text_key,
        meter_key,
        1 as text_rank,
        meter_text
    from meters
    where meter_text is not null
    {% for text in [
        'product_name', 'plan_name', "product_name || ' ' || meter_name", "plan_name || ' ' || meter_name"
    ] %}
    union all
    select
        meter_key || ':{{ loop.index + 1 }}' as text_key,
        meter_key,
        {{ loop.index + 1 }} as text_rank,
        {{ azure_meter_text(text) }} as meter_text
    from meters
    where is_marketplace and {{ text }} is not null
    {% endfor %}
),

words as (
    {{ text_words('texts', 'text_key', 'meter_text') }}
)

select
    texts.meter_key,
    texts.text_rank,
    words.word_position,
    words.word,
    rules.facet,
    rules.rank as rule_rank,
    rules.value,
    coalesce(rules.is_no_part_of_the_model, false) as is_no_part_of_the_model
from words
inner join texts
    on words.text_key = texts.text_key
left join rules
    on
        {{ regex_matches('words.word', "'^(?:' || rules.word_pattern || ')$'") }}
        -- Flex is a FLUX model, not a tier, where megapixels are counted.
        and not (rules.value = 'flex' and texts.meter_text like '%megapixel%')
