{#- The form a delivery is ranked by. Azure delivers actual and amortized cost with the same columns; only the manifest tells
    which it is, and it also tells a FOCUS export that lies among the cost details. -#}
{% macro delivery_form(input_form, export_type) -%}
    case
        when {{ input_form }} not like 'azure%' then {{ input_form }}
        when {{ input_form }} = 'azure_focus' or lower({{ export_type }}) = 'focuscost' then 'azure_focus'
        when lower({{ export_type }}) = 'amortizedcost' then 'azure_amortized'
        else 'azure_actual'
    end
{%- endmacro %}
