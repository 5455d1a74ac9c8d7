{#- A tag key in one spelling: the exports write user:CostCenter, resource_tags_user_cost_center, user_cost_center and
    CostCenter for the same tag. AWS puts an underscore before every capital, so the project does too. -#}
{% macro tag_key(key) -%}
    {%- set without_prefix = "regexp_replace(" ~ key ~ ", '^(resourceTags/|resource_tags_|costCategory/|cost_category_)?(user[:_])?', '')" -%}
    {%- set split_capitals = regex_replace_all(without_prefix, "'([A-Z])'", "'_" ~ captured(1) ~ "'") -%}
    trim(both '_' from {{ regex_replace_all("lower(" ~ split_capitals ~ ")", "'[^a-z0-9]+'", "'_'") }})
{%- endmacro %}
