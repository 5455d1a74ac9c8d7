{#- A model name with case and punctuation taken out of it: Claude4.6Sonnet, Claude 4.6 Sonnet and claude-4-6-sonnet are
    all claude-4-6-sonnet. Digits and letters are told apart, so that 4.3 and 43 stay different. Used on both sides of
    the look-up, hence a macro. -#}
{% macro normalised_name(name) -%}
    {%- set separated = regex_replace_all("replace(lower(" ~ name ~ "), '+', ' plus ')", "'[^a-z0-9]+'", "'-'") -%}
    {%- set letters_first = regex_replace_all(separated, "'([a-z])([0-9])'", backreferences('-')) -%}
    {%- set digits_first = regex_replace_all(letters_first, "'([0-9])([a-z])'", backreferences('-')) -%}
    trim(both '-' from {{ digits_first }})
{%- endmacro %}
