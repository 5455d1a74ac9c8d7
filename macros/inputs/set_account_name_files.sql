{#- Pre-hook of inputs__account_names: the zero-row template, and the file if it is there. The bracket makes
    DuckDB list the folder: a bucket's plain path is taken to exist. -#}
{% macro set_account_name_files() %}
    {%- if reads_tables() -%}{{ return('') }}{%- endif -%}
    {%- set path = var('data_root').rstrip('/') ~ '/account_names.cs[v]' %}
    set variable account_name_files = (
        select list_concat([{{ sql_text(template_path('account_names', 'csv')) }}], coalesce(list(file), []))
        from glob({{ sql_text(path) }})
    )
{% endmacro %}
