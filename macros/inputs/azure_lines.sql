{#- The billing lines of one kind of Azure export that meet a condition, Parquet and CSV files together. The CSV query was
    put together by set_azure_reader_files. -#}
{% macro azure_lines(reader, where) -%}
    {{ return(adapter.dispatch('azure_lines', 'ai_emissions_ledger')(reader, where)) }}
{%- endmacro %}

{% macro default__azure_lines(reader, where) -%}
    (
        select *
        from read_parquet(getvariable('parquet_files'), union_by_name = true, filename = 'file_path')
        where {{ where }}
        union all by name
        select *
        from query(getvariable('csv_query'))
        where {{ where }}
    )
{%- endmacro %}

{% macro spark__azure_lines(reader, where) -%}
    (
        select *
        from {{ lake_rows(reader) }}
        where {{ where }}
    )
{%- endmacro %}
