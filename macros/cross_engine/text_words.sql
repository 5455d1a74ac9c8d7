{#- Rows of (key column, word_position, word) out of a column of texts whose words are parted by single blanks. -#}
{% macro text_words(relation, key_column, text_column) -%}
    {{ return(adapter.dispatch('text_words', 'ai_emissions_ledger')(relation, key_column, text_column)) }}
{%- endmacro %}

{% macro default__text_words(relation, key_column, text_column) -%}
    select
        {{ key_column }},
        generate_subscripts(string_split({{ text_column }}, ' '), 1) as word_position,
        unnest(string_split({{ text_column }}, ' ')) as word
    from {{ relation }}
{%- endmacro %}

{% macro spark__text_words(relation, key_column, text_column) -%}
    select
        {{ key_column }},
        word_index + 1 as word_position,
        word
    from {{ relation }}
    lateral view posexplode(split({{ text_column }}, ' ')) as word_index, word
{%- endmacro %}
