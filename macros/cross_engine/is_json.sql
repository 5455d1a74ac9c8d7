{#- Is the text JSON? NULL is neither. -#}
{% macro is_json(text) -%}
    {{ return(adapter.dispatch('is_json', 'ai_emissions_ledger')(text)) }}
{%- endmacro %}

{% macro default__is_json(text) -%}
    json_valid({{ text }})
{%- endmacro %}

{% macro spark__is_json(text) -%}
    case when {{ text }} is not null then try_parse_json({{ text }}) is not null end
{%- endmacro %}
