{#- The condition of files that this table holds no rows of. Distinct, for it may hold thousands of rows of a file. -#}
{% macro not_read_yet() -%}
    {%- if remembers_files(this) -%}
    read_key not in (select distinct read_key from {{ this }})
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}
