{#- First pre-hook of a table that reads files: drops the rows of files that are gone, superseded, outranked, changed, or
    would be read in another way now. What is left stands for its files, and they are not opened again. It runs in the
    transaction that adds the new rows. -#}
{% macro forget_files(current) -%}
    {%- if reads_tables() -%}{{ return('') }}{%- endif -%}
    {%- if execute and load_cached_relation(this) and not should_full_refresh() -%}
    delete from {{ this }}
    {%- if remembers_files(this) %}
    where read_key not in (select read_key from {{ current }})
    {%- endif %}
    {%- endif %}
{%- endmacro %}
