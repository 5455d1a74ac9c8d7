{#- One text for the code of this build and the variables it was given: rows that another one made are not kept. -#}
{% macro build_key() -%}
    {%- set parts = [invocation_args_dict.get('vars') | string] -%}
    {%- for row in run_query('select setting, setting_value from ' ~ code_version_rows() ~ ' order by setting') -%}
        {%- do parts.append(row[0] ~ '=' ~ row[1]) -%}
    {%- endfor -%}
    {{- return(local_md5(parts | join('|'))) -}}
{%- endmacro %}
