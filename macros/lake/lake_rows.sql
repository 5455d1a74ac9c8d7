{#- All rows of the table of a reader that count (`files` is the step of the model), with every column that the project
    reads: one the table lacks is NULL, one that Azure spells differently (Meter Name) is there under the usual name too. -#}
{% macro lake_rows(reader) -%}
    {%- set table = lake_table(reader) -%}
    {%- set columns = lake_columns(table) -%}
    {%- set export_columns = ref('export_columns') -%}
    {%- set wanted = run_query(
        'select column_name, column_type from ' ~ export_columns ~ " where reader = '" ~ reader ~ "'"
    ).rows if execute else [] -%}
    {%- set spelt = {} -%}
    {%- for name in columns if reader.startswith('azure') -%}
        {%- do spelt.update({header_word_of(name): name}) -%}
    {%- endfor -%}
    (
        select
            {%- if columns %}
            *,
            {%- endif %}
            {%- for name, kind in wanted if name | lower not in columns %}
            {%- if header_word_of(name) in spelt %}
            `{{ spelt[header_word_of(name)] }}` as `{{ name }}`,
            {%- else %}
            cast(null as {{ 'string' if 'varchar' in kind else kind }}) as `{{ name }}`,
            {%- endif %}
            {%- endfor %}
            {%- if columns %}
            {{ lake_path(reader | replace('_parquet', ''), table) }} as file_path
        from {{ table }}
        where {{ lake_path(reader | replace('_parquet', ''), table) }} in (select files.file_path from files)
            {%- else %}
            cast(null as string) as file_path
        where false
            {%- endif %}
    )
{%- endmacro %}
