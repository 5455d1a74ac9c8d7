{#- Before a build: a way into the buckets some input or the closed periods lie in. A request that fails is sent again for
    some ten seconds, as long as a server takes to restart. Credentials come from where AWS programs find them
    (environment, profile, role); a region or an own endpoint from the usual AWS variables. For Azure from where its programs
    find them (environment, command line, managed identity), unless the plugin (ai_emissions/warehouse_setup.py) found a
    connection string. -#}
{% macro connect_object_storage() %}
    {%- set on_s3 = [] -%}
    {%- for location in input_locations().values() | list + [var('closed_dir')] if location.startswith('s3://') -%}
        {%- do on_s3.append(location) -%}
    {%- endfor -%}
    {%- if execute and on_s3 and not reads_tables() %}
        {%- set endpoint = env_var('AWS_ENDPOINT_URL_S3', env_var('AWS_ENDPOINT_URL', '')) -%}
        {%- set region = env_var('AWS_REGION', env_var('AWS_DEFAULT_REGION', '')) %}
        create or replace secret ai_emissions_s3 (
            type s3,
            provider credential_chain
            {%- if region %}, region {{ sql_text(region) }}{% endif %}
            {%- if endpoint %}
            , endpoint {{ sql_text(endpoint.split('://')[-1].rstrip('/')) }}
            , use_ssl {{ 'false' if endpoint.startswith('http://') else 'true' }}
            , url_style 'path'
            {%- endif %}
        );
        set global http_retries = 4
    {%- endif %}
{% endmacro %}

{% macro connect_azure_storage() %}
    {%- set on_azure = [] -%}
    {%- for location in input_locations().values() | list + [var('closed_dir')] if location.startswith('az://') -%}
        {%- do on_azure.append(location) -%}
    {%- endfor -%}
    {%- if execute and on_azure and not reads_tables() -%}
        {%- set known = run_query("select count(*) from duckdb_secrets() where type = 'azure'").rows[0][0] -%}
        {%- set account = env_var('AZURE_STORAGE_ACCOUNT', '') -%}
        {%- if not known and not account -%}
            {%- do exceptions.raise_compiler_error(
                on_azure[0] ~ ': set AZURE_STORAGE_ACCOUNT to the name of the storage account.'
            ) -%}
        {%- elif not known %}
        create or replace secret ai_emissions_azure (
            type azure,
            provider credential_chain,
            account_name {{ sql_text(account) }}
        )
        {%- endif -%}
    {%- endif %}
{% endmacro %}
