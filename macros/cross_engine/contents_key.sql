{#- An aggregate over whole rows, whatever their order: another one where any value of any row is another. Only ever compared
    with what the same engine made. -#}
{% macro contents_key() -%}
    {{ return(adapter.dispatch('contents_key', 'ai_emissions_ledger')()) }}
{%- endmacro %}

{% macro default__contents_key() -%}
    coalesce(cast(sum(cast(hash(*columns(*)) as hugeint)) as string), '') || ' of ' || cast(count(*) as string)
{%- endmacro %}

{% macro spark__contents_key() -%}
    coalesce(cast(sum(cast(xxhash64(*) as decimal(38, 0))) as string), '') || ' of ' || cast(count(*) as string)
{%- endmacro %}
