{#- Tags of an Azure bill as a JSON object: EA files leave out the braces. -#}
{% macro tags_object(column) -%}
    case when {{ blank_to_null(column) }} like '"%' then '{' || trim({{ column }}) || '}' else {{ blank_to_null(column) }} end
{%- endmacro %}
