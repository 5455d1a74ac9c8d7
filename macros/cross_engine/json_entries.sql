{#- Rows of (key column, entry_key, entry_value) out of a column of JSON objects. Text that is no JSON gives no rows. -#}
{% macro json_entries(relation, key_column, json_column) -%}
    {{ return(adapter.dispatch('json_entries', 'ai_emissions_ledger')(relation, key_column, json_column)) }}
{%- endmacro %}

{% macro default__json_entries(relation, key_column, json_column) -%}
    select
        {{ key_column }},
        unnest(json_keys({{ json_column }})) as entry_key,
        unnest(json_extract_string({{ json_column }}, '$.*')) as entry_value
    from {{ relation }}
    where json_valid({{ json_column }})
{%- endmacro %}

{% macro spark__json_entries(relation, key_column, json_column) -%}
    select
        {{ key_column }},
        entry_key,
        entry_value
    from {{ relation }}
    lateral view explode(from_json({{ json_column }}, 'map<string,string>')) as entry_key, entry_value
{%- endmacro %}
