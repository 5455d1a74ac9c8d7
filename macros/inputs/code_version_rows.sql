{#- What code the build runs, as the plugin (ai_emissions/warehouse_setup.py) writes it down. -#}
{% macro code_version_rows() -%}
    {{ return(adapter.dispatch('code_version_rows', 'ai_emissions_ledger')()) }}
{%- endmacro %}

{% macro default__code_version_rows() -%}
    ai_emissions_build.code_version
{%- endmacro %}

{#- The plugin is one of DuckDB. Here dbt itself knows the models and seeds. -#}
{% macro spark__code_version_rows() -%}
    {%- set checksums = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type in ['model', 'seed'] -%}
        {%- do checksums.append(node.checksum.checksum) -%}
    {%- endfor -%}
    (
        select
            'models_and_seeds_md5' as setting,
            '{{ local_md5(checksums | sort | join(' ')) }}' as setting_value
        union all
        select
            'reading_sha256' as setting,
            'tables are read in every build' as setting_value
    )
{%- endmacro %}
