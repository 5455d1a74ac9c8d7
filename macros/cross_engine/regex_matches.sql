{#- Does the pattern occur in the text? DuckDB and Spark name the function differently. -#}
{% macro regex_matches(text, pattern) -%}
    {{ return(adapter.dispatch('regex_matches', 'ai_emissions_ledger')(text, pattern)) }}
{%- endmacro %}

{% macro default__regex_matches(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}

{#- Spark reads a backslash in a text literal as an escape. -#}
{% macro spark__regex_matches(text, pattern) -%}
    regexp_like({{ text }}, {{ pattern | replace('\\', '\\\\') }})
{%- endmacro %}
