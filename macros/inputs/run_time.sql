{#- The time a run folder's name begins with, where it does: AWS writes 2025-07-01T04:00:00, Azure 202507010400. Folder
    names are otherwise random and carry no order. -#}
{% macro run_time(run_folder) -%}
    {{ return(adapter.dispatch('run_time', 'ai_emissions_ledger')(run_folder)) }}
{%- endmacro %}

{% macro default__run_time(run_folder) -%}
    coalesce(
        try_cast(nullif(regexp_extract({{ run_folder }}, '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+'), '') as timestamp),
        try_strptime(nullif(regexp_extract({{ run_folder }}, '^([0-9]{12})(?:/|$)', 1), ''), '%Y%m%d%H%M')
    )
{%- endmacro %}

{% macro spark__run_time(run_folder) -%}
    coalesce(
        try_cast(nullif(regexp_extract({{ run_folder }}, '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+', 0), '') as timestamp),
        try_to_timestamp(nullif(regexp_extract({{ run_folder }}, '^([0-9]{12})(?:/|$)', 1), ''), 'yyyyMMddHHmm')
    )
{%- endmacro %}
