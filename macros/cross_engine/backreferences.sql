{#- Replacement text "first group, separator, second group". -#}
{% macro backreferences(separator) -%}
    '{{ captured(1) }}{{ separator }}{{ captured(2) }}'
{%- endmacro %}
