{#- Names (in small letters) and types of the columns of a table, in order; empty if there is no such table. A table that
    was named by a setting of its own has to be there. -#}
{% macro lake_columns(table) -%}
    {%- set columns = {} -%}
    {%- if not execute or not table -%}{{ return(columns) }}{%- endif -%}
    {%- set name = table.replace('`', '').split('.') -%}
    {%- set found = run_query('show tables in ' ~ name[:-1] | join('.') ~ " like '" ~ name[-1] ~ "'") -%}
    {%- if not found.rows -%}{{ return(columns) }}{%- endif -%}
    {%- for row in run_query('describe table ' ~ table).rows -%}
        {#- What follows tells of partitions, whose columns were named already. -#}
        {%- if not row[0] or row[0].startswith('#') -%}{%- break -%}{%- endif -%}
        {%- do columns.update({row[0] | lower: row[1]}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
