{#- anthropic.claude-3-5-sonnet-20240620-v1:0 is anthropic.claude-3-5-sonnet. Only -v0 and -v1, which every first edition
    carries, are taken off: amazon.titan-embed-text-v2:0 is another model than amazon.titan-embed-text-v1. -#}
{% macro bedrock_id_without_version(model_id) -%}
    {%- set without_revision = "regexp_replace(" ~ model_id ~ ", '(:[0-9]+)?(:[0-9a-z]+)?$', '')" -%}
    {%- set without_date = "regexp_replace(" ~ without_revision ~ ", '-[0-9]{8}(-v[0-9]+)?$', '" ~ captured(1) ~ "')" -%}
    regexp_replace({{ without_date }}, '-v[01]$', '')
{%- endmacro %}
