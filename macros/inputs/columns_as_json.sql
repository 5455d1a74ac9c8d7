{#- All columns of a reader whose names begin with a prefix, as one JSON object. -#}
{% macro columns_as_json(prefix, reader) -%}
    {{ return(adapter.dispatch('columns_as_json', 'ai_emissions_ledger')(prefix, reader)) }}
{%- endmacro %}

{% macro default__columns_as_json(prefix, reader) -%}
    cast(to_json(struct_pack(*columns('^{{ prefix }}'))) as string)
{%- endmacro %}

{% macro spark__columns_as_json(prefix, reader) -%}
    {%- set names = [] -%}
    {%- for name in lake_columns(lake_table(reader)) if name.startswith(prefix) -%}
        {%- do names.append("'" ~ name ~ "', `" ~ name ~ "`") -%}
    {%- endfor -%}
    {{ 'to_json(named_struct(' ~ names | join(', ') ~ '))' if names else 'cast(null as string)' }}
{%- endmacro %}
