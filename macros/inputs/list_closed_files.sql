{#- Pre-hook of stg_closed_periods__emissions: the fact files of all closed periods, headed by the zero-row template, so
    that a project that has closed nothing yet is zero rows. -#}
{% macro list_closed_files() %}
    {%- set pattern = var('closed_dir').rstrip('/') ~ '/period=*/revision=*/fct_ai_emissions.parquet' -%}
    set variable closed_files = (
        select list_concat([{{ sql_text(template_path('closed_emissions', 'parquet')) }}], coalesce(list(file order by file), []))
        from glob({{ sql_text(pattern) }})
    )
{% endmacro %}
