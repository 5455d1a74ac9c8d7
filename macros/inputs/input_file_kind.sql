{#- What a file below an input location is, by its name alone. -#}
{% macro input_file_kind(path) -%}
    {{ return(adapter.dispatch('input_file_kind', 'ai_emissions_ledger')(path)) }}
{%- endmacro %}

{% macro default__input_file_kind(path) -%}
    case
        -- Files of tools and of the Athena integration, never billing lines.
        when regexp_matches({{ path }}, '(^|/)([._][^/]*|cost_and_usage_data_status)(/|$)') then 'other'
        when regexp_matches(lower({{ path }}), 'manifest\.json$') then 'manifest'
        when regexp_matches(lower({{ path }}), '\.parquet$') then 'parquet'
        when regexp_matches(lower({{ path }}), '\.csv(\.gz)?$') then 'csv'
        when regexp_matches(lower({{ path }}), '\.(zip|gz|csv\.[a-z0-9]+)$') then 'unreadable'
        else 'other'
    end
{%- endmacro %}

{% macro spark__input_file_kind(path) -%}
    'table'
{%- endmacro %}
