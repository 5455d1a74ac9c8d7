{#- Every file of the closed periods and their seals: path, hash, and for manifests and seals the text. -#}
{% macro closed_file_contents() -%}
    {{ return(adapter.dispatch('closed_file_contents', 'ai_emissions_ledger')()) }}
{%- endmacro %}

{% macro default__closed_file_contents() -%}
    (
        select
            filename as file_path,
            sha256(content) as sha256,
            case
                when regexp_matches(filename, '/manifest[.]json$|[.]sha256$') then try(decode(content))
            end as file_text
        from read_blob(getvariable('closed_files'))
    )
{%- endmacro %}

{#- Periods are closed out of a DuckDB warehouse only (scripts/close_period.py). -#}
{% macro spark__closed_file_contents() -%}
    ({{ no_rows({'file_path': 'string', 'sha256': 'string', 'file_text': 'string'}) }})
{%- endmacro %}
