{#- Aggregate: the texts of a group, one after the other, in the order of a column. `over` makes it a window. -#}
{% macro text_list(value, separator, order_by=none, distinct=false, over=none) -%}
    {{ return(adapter.dispatch('text_list', 'ai_emissions_ledger')(value, separator, order_by, distinct, over)) }}
{%- endmacro %}

{% macro default__text_list(value, separator, order_by, distinct, over) -%}
    string_agg({{ 'distinct ' if distinct }}{{ value }}, {{ separator }}{{ ' order by ' ~ order_by if order_by }})
    {{- ' over (' ~ over ~ ')' if over }}
{%- endmacro %}

{#- listagg is no window function there. -#}
{% macro spark__text_list(value, separator, order_by, distinct, over) -%}
    {%- if over -%}
    array_join(collect_list({{ value }}) over ({{ over }}), {{ separator }})
    {%- else -%}
    listagg({{ 'distinct ' if distinct }}{{ value }}, {{ separator }}) within group (order by {{ order_by or value }})
    {%- endif -%}
{%- endmacro %}
