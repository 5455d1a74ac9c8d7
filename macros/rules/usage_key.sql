{#- What tells one piece of usage apart whatever the project makes of it: columns of the fact that a changed figure,
    factor or rule does not touch. -#}
{% macro usage_key() -%}
    {{ row_key([
        'source', 'usage_month', 'usage_date', 'account_id', 'resource_id', 'tags_json', 'meter_name',
        'model_name_raw', 'region_billed', 'cost_currency',
    ]) }}
{%- endmacro %}
