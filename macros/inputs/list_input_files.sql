{#- Pre-hook of inputs__files: sets the variable input_patterns to the locations that hold files. Reading an empty
    location would be an error in DuckDB, and a table function takes no subquery, hence the variable. -#}
{% macro list_input_files() %}
    {%- if reads_tables() -%}{{ return('') }}{%- endif -%}
    {%- set patterns = [] -%}
    {%- for location in input_locations().values() -%}
        {#- A bracket, star or question mark of a folder name is not a pattern. -#}
        {%- set escaped = location.replace('[', '[[]').replace('*', '[*]').replace('?', '[?]') -%}
        {%- do patterns.append(sql_text(escaped ~ '/**/*')) -%}
    {%- endfor %}
    set variable input_patterns = (
        select coalesce(list(distinct pattern order by pattern), [])
        from (
            {%- for pattern in patterns %}
            select {{ pattern }} as pattern from glob({{ pattern }})
            {%- if not loop.last %} union all {% endif %}
            {%- endfor %}
        )
    )
{% endmacro %}
