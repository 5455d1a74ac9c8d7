{#- Azure files mix line ends within one file, which the strict mode of the reader refuses. Tolerance has its price: surplus
    fields of a line are dropped in silence, hence the row counts of the manifest and the checks per row. -#}
{% macro azure_csv_dialect() -%}
    strict_mode = false, {{ csv_dialect() }}
{%- endmacro %}
