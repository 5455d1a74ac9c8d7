{#- The time a run folder's name begins with, where it does: folder names are otherwise random and carry no order. -#}
{% macro run_time(run_folder) -%}
    try_cast(nullif(regexp_extract({{ run_folder }}, '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+'), '') as timestamp)
{%- endmacro %}
