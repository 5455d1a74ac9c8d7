{#- The fact rows of closed periods. -#}
{% macro closed_emission_rows() -%}
    {{ return(adapter.dispatch('closed_emission_rows', 'ai_emissions_ledger')()) }}
{%- endmacro %}

{% macro default__closed_emission_rows() -%}
    read_parquet(
        getvariable('closed_files'), union_by_name = true, filename = 'file_path', hive_partitioning = false
    )
{%- endmacro %}

{% macro spark__closed_emission_rows() -%}
    {{ lake_rows('closed_emissions') }}
{%- endmacro %}
