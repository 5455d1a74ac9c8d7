{#- A number, or NULL where the text is none. NaN and infinity are no amounts either. -#}
{% macro try_number(column) -%}
    {{ return(adapter.dispatch('try_number', 'ai_emissions_ledger')(column)) }}
{%- endmacro %}

{% macro default__try_number(column) -%}
    case when isfinite(try_cast({{ column }} as double)) then try_cast({{ column }} as double) end
{%- endmacro %}

{#- Spark would also take 1.5f and 0x1p3 for numbers. -#}
{% macro spark__try_number(column) -%}
    case
        when
            trim(cast({{ column }} as string)) rlike '^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$'
            and abs(try_cast({{ column }} as double)) < double('infinity')
            then try_cast({{ column }} as double)
    end
{%- endmacro %}
