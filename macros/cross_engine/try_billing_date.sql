{#- The day a billing file of Azure means, or NULL: ISO, or month first with slashes. 21/06/2025 is no date: a day is never
    tried as a month. -#}
{% macro try_billing_date(column) -%}
    {{ return(adapter.dispatch('try_billing_date', 'ai_emissions_ledger')(column)) }}
{%- endmacro %}

{% macro default__try_billing_date(column) -%}
    coalesce(
        {{ try_utc_date(column) }},
        cast(try_strptime(cast({{ column }} as string), ['%m/%d/%Y', '%m/%d/%Y %H:%M:%S', '%m/%d/%Y %I:%M:%S %p']) as date)
    )
{%- endmacro %}

{% macro spark__try_billing_date(column) -%}
    coalesce(
        {{ try_utc_date(column) }}
        {%- for format in ['M/d/yyyy', 'M/d/yyyy H:m:s', 'M/d/yyyy h:m:s a'] %},
        cast(try_to_timestamp(cast({{ column }} as string), '{{ format }}') as date)
        {%- endfor %}
    )
{%- endmacro %}
