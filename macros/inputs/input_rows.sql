{#- All rows of the Parquet files, or of the table, that a reading model goes by. -#}
{% macro input_rows(reader) -%}
    {{ return(adapter.dispatch('input_rows', 'ai_emissions_ledger')(reader)) }}
{%- endmacro %}

{% macro default__input_rows(reader) -%}
    read_parquet(
        getvariable('parquet_files'), union_by_name = true, filename = 'file_path', hive_partitioning = false
    )
{%- endmacro %}

{% macro spark__input_rows(reader) -%}
    {{ lake_rows(reader) }}
{%- endmacro %}
