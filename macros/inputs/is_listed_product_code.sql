{#- Is the product code one of marketplace_product_codes? In DuckDB they are a variable (set_reader_files). -#}
{% macro is_listed_product_code(product_code) -%}
    {{ return(adapter.dispatch('is_listed_product_code', 'ai_emissions_ledger')(product_code)) }}
{%- endmacro %}

{% macro default__is_listed_product_code(product_code) -%}
    list_contains(getvariable('marketplace_product_codes'), {{ product_code }})
{%- endmacro %}

{% macro spark__is_listed_product_code(product_code) -%}
    {{ product_code }} in (select product_code from {{ ref('marketplace_product_codes') }})
{%- endmacro %}
