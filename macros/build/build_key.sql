{#- One text for the code of this build and the variables it was given: rows that another one made are not kept. The models
    as dbt has read them are part of it, for files may have changed since. -#}
{% macro build_key() -%}
    {%- set parts = [invocation_args_dict.get('vars') | string] -%}
    {%- for row in run_query('select setting, setting_value from ' ~ code_version_rows() ~ ' order by setting') -%}
        {%- do parts.append(row[0] ~ '=' ~ row[1]) -%}
    {%- endfor -%}
    {%- for name in graph.nodes | sort if name.startswith('model.') -%}
        {%- do parts.append(name ~ '=' ~ graph.nodes[name].checksum.checksum) -%}
    {%- endfor -%}
    {{- return(local_md5(parts | join('|'))) -}}
{%- endmacro %}
