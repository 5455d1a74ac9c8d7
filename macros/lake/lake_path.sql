{#- What a row of a table has for a file: the table and the billing period, day or snapshot it belongs to, in the folders
    that exports have (export_layouts). -#}
{% macro lake_path(input_form, table) -%}
    {%- set columns = lake_columns(table) -%}
    {%- set period_columns = {
        'aws_cur2': ['bill_billing_period_start_date'],
        'aws_cur_legacy': ['bill_billing_period_start_date'],
        'aws_focus': ['billingperiodstart'],
        'azure_cost_details': ['billingperiodstartdate'],
        'azure_focus': ['billingperiodstart'],
        'ai_proxy': ['request_ts'],
        'model_power': ['measured_on'],
    }[input_form] -%}
    {%- set found = [] -%}
    {%- for name in columns if header_word_of(name) in period_columns | map('replace', '_', '') -%}
        {%- do found.append('`' ~ name ~ '`') -%}
    {%- endfor -%}
    {%- if not found -%}
    {{ sql_text(table ~ '/rows') }}
    {%- else -%}
    {%- set day = try_billing_date(found[0]) -%}
    concat_ws(
        '/',
        {{ sql_text(table) }},
        {% if input_form in ['aws_cur2', 'aws_focus'] -%}
        'BILLING_PERIOD=' || date_format({{ day }}, 'yyyy-MM')
        {%- elif input_form == 'ai_proxy' -%}
        'dt=' || cast({{ day }} as string)
        {%- elif input_form == 'model_power' -%}
        cast({{ day }} as string)
        {%- else -%}
        date_format({{ day }}, 'yyyyMMdd') || '-' || date_format(last_day({{ day }}), 'yyyyMMdd')
        {%- endif %},
        'rows'
    )
    {%- endif -%}
{%- endmacro %}

{#- As the macro header_word, for names that are known while a model is compiled. -#}
{% macro header_word_of(name) -%}
    {{ return(name | lower | replace(' ', '') | replace('_', '')) }}
{%- endmacro %}
