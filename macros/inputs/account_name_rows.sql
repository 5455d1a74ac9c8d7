{#- The optional names of accounts: columns account_id and account_name. -#}
{% macro account_name_rows() -%}
    {{ return(adapter.dispatch('account_name_rows', 'ai_emissions_ledger')()) }}
{%- endmacro %}

{% macro default__account_name_rows() -%}
    read_csv(getvariable('account_name_files'), header = true, union_by_name = true, {{ csv_dialect() }})
{%- endmacro %}

{% macro spark__account_name_rows() -%}
    {%- set table = var('lake_schema') ~ '.account_names' -%}
    (
        {%- if lake_columns(table) %}
        select
            cast(account_id as string) as account_id,
            account_name
        from {{ table }}
        {%- else %}
        {{ no_rows({'account_id': 'string', 'account_name': 'string'}) }}
        {%- endif %}
    )
{%- endmacro %}
