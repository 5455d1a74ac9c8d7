{#- Everything below the input locations: path, size and time. -#}
{% macro input_listing() -%}
    {{ return(adapter.dispatch('input_listing', 'ai_emissions_ledger')()) }}
{%- endmacro %}

{% macro default__input_listing() -%}
    (
        select
            filename as file_path,
            size as file_bytes,
            last_modified as modified_at
        from read_blob(getvariable('input_patterns'))
    )
{%- endmacro %}

{#- A table has no files: each of its billing periods, days or snapshots stands for one. -#}
{% macro spark__input_listing() -%}
    (
        {%- for input_form, table in input_locations().items() if lake_columns(table) %}
        select distinct
            {{ lake_path(input_form, table) }} as file_path,
            cast(null as bigint) as file_bytes,
            cast(null as timestamp) as modified_at
        from {{ table }}
        union all
        {%- endfor %}
        {{ no_rows({'file_path': 'string', 'file_bytes': 'bigint', 'modified_at': 'timestamp'}) }}
    )
{%- endmacro %}
