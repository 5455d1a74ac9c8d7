{#- Aggregate: one JSON object, keys in order, out of rows of keys and text values. -#}
{% macro json_object_of(key, value) -%}
    {{ return(adapter.dispatch('json_object_of', 'ai_emissions_ledger')(key, value)) }}
{%- endmacro %}

{% macro default__json_object_of(key, value) -%}
    '{' || string_agg(cast(to_json({{ key }}) as string) || ':' || cast(to_json({{ value }}) as string), ',' order by {{ key }}) || '}'
{%- endmacro %}

{% macro spark__json_object_of(key, value) -%}
    to_json(map_from_entries(array_sort(collect_list(struct({{ key }}, {{ value }})))))
{%- endmacro %}
