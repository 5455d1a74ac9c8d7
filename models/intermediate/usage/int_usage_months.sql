{{ config(materialized='table') }}

-- One row per month of usage, with a key of what its figures follow from beside the code and the variables of the
-- build: the files its lines stand in, every seed, the loaded power figures, the names of accounts. A month whose key
-- is that of the last build keeps its rows in the tables that follow (macros/build/kept_months.sql).

{%- set common = [
    'azure_meter_models', 'azure_meter_words', 'azure_products', 'azure_units', 'charge_types', 'export_columns',
    'export_layouts', 'functional_units', 'marketplace_product_codes', 'media_rules', 'meter_classes', 'method_choices',
    'model_aliases', 'model_power_names', 'models', 'proxy_name_rules', 'proxy_operations', 'region_aliases', 'regions',
    'sources', 'usage_type_prefixes', 'usage_type_rules', 'usage_units', 'carbon_intensity', 'equivalences',
    'power_factors', 'pue', 'media_power', 'size_bucket_power_baseline', 'size_buckets', 'text_model_power',
    'stg_model_power__snapshots', 'inputs__account_names',
] %}

with

read_files as (
    select * from {{ ref('inputs__read_files') }}
),

common_contents as (
    {%- for name in common %}
    select '{{ name }}=' || {{ contents_key() }} as contents from {{ ref(name) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

common_key as (
    select {{ text_list('contents', "' '", order_by='contents') }} as contents from common_contents
),

deliveries as (
    select distinct
        source_delivery,
        usage_month
    from {{ ref('int_aws__export_lines') }}
    union
    select distinct
        source_delivery,
        usage_month
    from {{ ref('int_azure__export_lines') }}
    union
    select distinct
        source_delivery,
        cast(date_trunc('month', usage_date) as date) as usage_month
    from {{ ref('stg_ai_proxy__requests') }}
    where request_count > 0
),

-- All files of a delivery, not only those with lines of the month: how a line is read may rest on its neighbours.
delivered_files as (
    select distinct
        deliveries.usage_month,
        concat_ws(' ', deliveries.source_delivery, read_files.delivery_form, read_files.read_key) as file_key
    from deliveries
    left join read_files
        on deliveries.source_delivery = read_files.source_delivery
),

months as (
    select
        usage_month,
        {{ text_list('file_key', "' '", order_by='file_key') }} as file_keys
    from delivered_files
    group by usage_month
)

select
    months.usage_month,
    md5(months.file_keys || ' ' || common_key.contents) as rating_key
from months
cross join common_key
