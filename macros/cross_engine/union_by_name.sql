{#- The rows of several relations, columns matched by their names; a column that one of them lacks is NULL there.
    With source_names each row says in a column "source" which one it comes from. -#}
{% macro union_by_name(relations, source_names=[]) -%}
    {{ return(adapter.dispatch('union_by_name', 'ai_emissions_ledger')(relations, source_names)) }}
{%- endmacro %}

{% macro default__union_by_name(relations, source_names) -%}
    {%- for relation in relations %}
    select
        {%- if source_names %}
        '{{ source_names[loop.index0] }}' as source,
        {%- endif %}
        *
    from {{ relation }}
    {%- if not loop.last %}
    union all by name
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{#- Spark matches columns by position, so their names are looked up. Fixtures of unit tests are no tables: they have the
    columns of their model in order, and have to do. -#}
{% macro spark__union_by_name(relations, source_names) -%}
    {%- set names_of = [] -%}
    {%- set all_names = [] -%}
    {%- for relation in relations -%}
        {%- set names = lake_columns(relation | string) | list if execute and '.' in relation | string else [] -%}
        {%- do names_of.append(names) -%}
        {%- for name in names if name not in all_names -%}{%- do all_names.append(name) -%}{%- endfor -%}
    {%- endfor -%}
    {%- for relation in relations %}
    {%- set names = names_of[loop.index0] %}
    select
        {%- if source_names %}
        '{{ source_names[loop.index0] }}' as source,
        {%- endif %}
        {%- for name in all_names %}
        {{ '' if name in names else 'null as ' }}{{ name }}{{ ',' if not loop.last }}
        {%- else %}
        *
        {%- endfor %}
    from {{ relation }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
