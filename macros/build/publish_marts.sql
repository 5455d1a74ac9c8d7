{% macro publish_marts(results) %}{% endmacro %}
