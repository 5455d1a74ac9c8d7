{#- What the power figure of a text model is looked up by. -#}
{% macro usage_day_key(usage_date='usage_date') -%}
    {{ row_key(['source', 'model_id', 'model_variant', usage_date]) }}
{%- endmacro %}

{#- The day whose figures in force are the newest of all. -#}
{% macro end_of_time() -%}
    date '9999-12-31'
{%- endmacro %}
