{#- anthropic.claude-3-5-sonnet-20240620-v1:0 is anthropic.claude-3-5-sonnet. -#}
{% macro bedrock_id_without_version(model_id) -%}
    regexp_replace(regexp_replace({{ model_id }}, '-v[0-9]+(:[0-9]+)?(:[0-9a-z]+)?$', ''), '-[0-9]{8}$', '')
{%- endmacro %}
