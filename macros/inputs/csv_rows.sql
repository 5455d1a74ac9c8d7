{#- All rows of the CSV files that a reading model goes by. -#}
{% macro csv_rows(reader) -%}
    {{ return(adapter.dispatch('csv_rows', 'ai_emissions_ledger')(reader)) }}
{%- endmacro %}

{% macro default__csv_rows(reader) -%}
    read_csv(
        getvariable('csv_files'), header = true, union_by_name = true, filename = 'file_path', {{ csv_dialect() }}
    )
{%- endmacro %}

{% macro spark__csv_rows(reader) -%}
    {{ lake_rows(reader) }}
{%- endmacro %}
