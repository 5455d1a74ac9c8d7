{#- A key over several columns. NULL and empty text stay different, and so do NULL and the sign that stands for it, and two
    texts that a sign between columns would part in another way: billing files hold any text, and two meters under one key
    would count each other's usage. -#}
{% macro row_key(columns) -%}
    md5(concat_ws('|', {% for column in columns %}coalesce(replace(replace(replace(cast({{ column }} as string), '^', '^^'), '|', '^p'), '~', '^t'), '~'){{ ', ' if not loop.last }}{% endfor %}))
{%- endmacro %}
