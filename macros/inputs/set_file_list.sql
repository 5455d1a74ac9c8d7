{#- Pre-hook of a model that reads files: sets a variable to the paths of the relation that meet the condition.
    A variable is seen by its own connection only, so each reading model sets its own. -#}
{% macro set_file_list(variable, condition, relation, first_path=none) %}
    {%- if reads_tables() -%}{{ return('') }}{%- endif -%}
    set variable {{ variable }} = (
        select
            {%- if first_path %}
            list_concat([{{ sql_text(first_path) }}], coalesce(list(file_path order by file_path), []))
            {%- else %}
            coalesce(list(file_path order by file_path), [])
            {%- endif %}
        from {{ relation }}
        where {{ condition }}
    )
{% endmacro %}
