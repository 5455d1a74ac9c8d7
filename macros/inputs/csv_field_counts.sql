{#- The rows of the CSV files of Azure and how many fields they have, by the query that set_csv_rows_query has put together. -#}
{% macro csv_field_counts() -%}
    {{ return(adapter.dispatch('csv_field_counts', 'ai_emissions_ledger')()) }}
{%- endmacro %}

{% macro default__csv_field_counts() -%}
    query(getvariable('csv_rows_query'))
{%- endmacro %}

{% macro spark__csv_field_counts() -%}
    ({{ no_rows({
        'file_path': 'string', 'header_width': 'bigint', 'row_number': 'bigint', 'is_short': 'boolean',
        'surplus_field': 'string',
    }) }})
{%- endmacro %}
