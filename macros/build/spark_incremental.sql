{#- On Spark the models that keep the rows of files they have read are plain tables: a table is read in every build. -#}
{% materialization incremental, adapter='spark', supported_languages=['sql'] %}
    {{ return(materialization_table_spark()) }}
{% endmaterialization %}
