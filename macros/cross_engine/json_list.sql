{#- Rows of (key column, entry) out of a list inside a column of JSON texts, which are JSON or NULL. Entries that are
    objects are JSON texts themselves. -#}
{% macro json_list(relation, key_column, json_column, key) -%}
    {{ return(adapter.dispatch('json_list', 'ai_emissions_ledger')(relation, key_column, json_column, key)) }}
{%- endmacro %}

{% macro default__json_list(relation, key_column, json_column, key) -%}
    select
        {{ key_column }},
        unnest(json_extract_string({{ json_column }}, '$.{{ key }}[*]')) as entry
    from {{ relation }}
{%- endmacro %}

{% macro spark__json_list(relation, key_column, json_column, key) -%}
    select
        {{ key_column }},
        entry
    from {{ relation }}
    lateral view explode(from_json(get_json_object({{ json_column }}, '$.{{ key }}'), 'array<string>')) as entry
{%- endmacro %}
