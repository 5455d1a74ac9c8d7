{#- Before a build on Spark: a schema that is not there would stop it in Spark's words, and a table that a setting names
    and that is not there would be zero rows. A table that no setting names may be absent. -#}
{% macro check_lake() %}
    {%- if execute and reads_tables() -%}
        {%- if not is_lake_schema(var('lake_schema')) -%}
            {%- do exceptions.raise_compiler_error(
                'AI_EMISSIONS_LAKE_SCHEMA is ' ~ var('lake_schema')
                ~ ': there is no such schema. Name the one that holds the tables of the inputs, or create it.'
            ) -%}
        {%- endif -%}
        {%- for input_form, table in input_locations().items() if var(input_form) -%}
            {%- set setting = 'AI_EMISSIONS_' ~ input_form | upper -%}
            {%- set schema = table.rpartition('.')[0] -%}
            {%- if not schema or '/' in table -%}
                {%- do exceptions.raise_compiler_error(
                    setting ~ ' is ' ~ table ~ ', which is no table with its schema. Write it as schema.table.'
                ) -%}
            {%- elif not is_lake_schema(schema) or not lake_columns(table) -%}
                {%- do exceptions.raise_compiler_error(
                    setting ~ ' is ' ~ table
                    ~ ': there is no such table. Correct its name, or leave the setting away if there is no such input.'
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}

{#- Is there a schema of this name, with a catalog before it or not? -#}
{% macro is_lake_schema(schema) -%}
    {%- set name = schema.replace('`', '').split('.') -%}
    {%- set catalog = ' in ' ~ name[:-1] | join('.') if name | length > 1 else '' -%}
    {{ return(run_query('show schemas' ~ catalog ~ " like '" ~ name[-1] ~ "'").rows | length > 0) }}
{%- endmacro %}
