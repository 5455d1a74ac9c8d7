{#- How many rows the footers of the Parquet files of Azure tell. -#}
{% macro parquet_footers() -%}
    {{ return(adapter.dispatch('parquet_footers', 'ai_emissions_ledger')()) }}
{%- endmacro %}

{% macro default__parquet_footers() -%}
    (
        select
            file_name as file_path,
            num_rows as row_count
        from parquet_file_metadata(getvariable('azure_parquet_files'))
    )
{%- endmacro %}

{% macro spark__parquet_footers() -%}
    ({{ no_rows({'file_path': 'string', 'row_count': 'bigint'}) }})
{%- endmacro %}
