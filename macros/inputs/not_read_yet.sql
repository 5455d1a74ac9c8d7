{#- The condition of files that this table holds no rows of. -#}
{% macro not_read_yet() -%}
    {%- if remembers_files(this) -%}
    read_key not in (select read_key from {{ this }})
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}
