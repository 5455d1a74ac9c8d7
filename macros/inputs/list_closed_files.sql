{#- Pre-hook of inputs__closed_files: sets the variable closed_files to every file of the closed periods and their seals.
    A project that has closed nothing yet has none. -#}
{% macro list_closed_files() %}
    {%- if reads_tables() -%}{{ return('') }}{%- endif -%}
    {#- A bracket, star or question mark of a folder name is not a pattern. -#}
    {%- set folder = var('closed_dir').rstrip('/').replace('[', '[[]').replace('*', '[*]').replace('?', '[?]') -%}
    set variable closed_files = (
        select coalesce(list(file order by file), [])
        from (
            select file from glob({{ sql_text(folder ~ '/period=*/revision=*/**/*') }})
            union all
            select file from glob({{ sql_text(folder ~ '/seals/*.sha256') }})
        )
    )
{% endmacro %}
