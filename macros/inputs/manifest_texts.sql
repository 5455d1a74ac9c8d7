{#- The text of every manifest that was listed by the pre-hook; NULL where it is no text. -#}
{% macro manifest_texts() -%}
    {{ return(adapter.dispatch('manifest_texts', 'ai_emissions_ledger')()) }}
{%- endmacro %}

{% macro default__manifest_texts() -%}
    (
        select
            filename as file_path,
            try(decode(content)) as body
        from read_blob(getvariable('manifest_files'))
    )
{%- endmacro %}

{#- Tables have no manifests. -#}
{% macro spark__manifest_texts() -%}
    ({{ no_rows({'file_path': 'string', 'body': 'string'}) }})
{%- endmacro %}
