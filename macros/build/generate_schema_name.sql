{#- Schemas are part of the public interface: `marts` is `marts`, whatever the target's own schema is called. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
