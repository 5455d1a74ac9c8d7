{#- A meter name of Azure as words of one spelling, parted by single blanks: gpt-4o-mini0718-Inp-glbl Tokens and
    gpt 4o mini 0718 Inp glbl Tokens are the same. The order of the steps counts; patterns without look-behind, which
    not every engine has. -#}
{% macro azure_meter_text(name) -%}
    {%- set text = "regexp_replace(trim(" ~ name ~ "), '(?i) - preview$', '')" -%}
    {%- set text = "lower(" ~ regex_replace_all(text, "'([a-z])([A-Z])'", backreferences(' ')) ~ ")" -%}
    {%- set text = regex_replace_all(text, "'[^a-z0-9.]+'", "' '") -%}
    {%- set text = regex_replace_all(text, "'([a-z][a-z][a-z])([0-9])'", backreferences(' ')) -%}
    {%- set text = "replace(replace(" ~ text ~ ", 'data zone', 'datazone'), '4omini', '4o mini')" -%}
    {%- set text = regex_replace_all(text, "'([0-9])([a-z][a-z][a-z])'", backreferences(' ')) -%}
    {%- set text = regex_replace_all(text, "'\\b(short|sh|long|lo) (co)\\b'", backreferences('')) -%}
    trim({{ text }})
{%- endmacro %}
