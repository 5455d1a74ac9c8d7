-- One row per meter: the model it names. What is left of a name without the words of the grammar (the stem) is matched
-- as a whole, never by prefix: first by the rules for that maker's meters, then as a spelling of the catalogue.

with

words as (
    select * from {{ ref('int_azure__words') }}
),

meters as (
    select * from {{ ref('int_azure__meters') }}
),

classes as (
    select * from {{ ref('int_azure__meter_classes') }}
),

rules as (
    select * from {{ ref('azure_meter_models') }}
),

aliases as (
    select * from {{ ref('int_model_names') }}
),

model_words as (
    select
        meter_key,
        text_rank,
        word_position,
        word
    from words
    group by meter_key, text_rank, word_position, word
    having not bool_or(is_no_part_of_the_model)
),

stems as (
    select
        model_words.meter_key,
        model_words.text_rank,
        meters.model_family,
        classes.is_custom_model,
        classes.meter_class,
        {{ text_list('model_words.word', "' '", order_by='model_words.word_position') }} as stem
    from model_words
    left join meters
        on model_words.meter_key = meters.meter_key
    left join classes
        on model_words.meter_key = classes.meter_key
    group by
        model_words.meter_key,
        model_words.text_rank,
        meters.model_family,
        classes.is_custom_model,
        classes.meter_class
),

matches as (
    select
        stems.meter_key,
        stems.stem,
        coalesce(rules.model_id, aliases.model_id) as model_id,
        coalesce(rules.variant, aliases.variant) as model_variant,
        rules.mapping,
        row_number() over (
            partition by stems.meter_key
            order by
                rules.mapping is null and aliases.model_id is null,
                rules.mapping is null,
                stems.text_rank,
                rules.meter_class is null,
                rules.rank nulls last
        ) as choice
    from stems
    left join rules
        on
            stems.model_family = rules.model_family
            and {{ regex_matches('stems.stem', "'^(?:' || rules.stem_pattern || ')$'") }}
            and stems.is_custom_model = coalesce(rules.is_fine_tuned, stems.is_custom_model)
            and (rules.meter_class is null or stems.meter_class = rules.meter_class)
    left join aliases
        on {{ normalised_name('stems.stem') }} = aliases.normalised_name
)

select
    meter_key,
    stem as model_name_raw,
    model_id,
    model_variant,
    mapping
from matches
where choice = 1
