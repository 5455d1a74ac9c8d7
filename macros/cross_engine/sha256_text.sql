{#- SHA-256 of a text, as hexadecimal text. -#}
{% macro sha256_text(text) -%}
    {{ return(adapter.dispatch('sha256_text', 'ai_emissions_ledger')(text)) }}
{%- endmacro %}

{% macro default__sha256_text(text) -%}
    sha256({{ text }})
{%- endmacro %}

{% macro spark__sha256_text(text) -%}
    sha2({{ text }}, 256)
{%- endmacro %}
