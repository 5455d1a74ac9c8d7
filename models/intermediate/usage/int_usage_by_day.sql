{{ config(
    materialized='incremental',
    meta={'months_from': ['int_usage']},
    pre_hook='{{ forget_months() }}',
    post_hook='{{ remember_months() }}'
) }}

-- Usage at the grain of the fact: billing lines of one day that differ in nothing a reader sees (file, description,
-- hour) become one row.

select
    source,
    source_delivery,
    usage_date,
    usage_month,
    billing_account_id,
    account_id,
    resource_id,
    team,
    tags_json,
    meter_name,
    model_name_raw,
    model_id,
    model_variant,
    model_provider,
    modality,
    usage_kind,
    service_tier,
    processing_scope,
    quantity_unit,
    usage_quality,
    cost_currency,
    status,
    status_reason,
    power_basis,
    power_confidence,
    power_figure_id,
    figure_wh_per_unit,
    wh_per_unit,
    wh_per_unit_low,
    wh_per_unit_high,
    range_basis,
    power_measured_on,
    power_is_backcast,
    power_source,
    cloud_provider,
    coalesce(region_billed, region_raw) as region_billed,
    case when status = 'estimated' then place_day_key end as place_day_key,
    cast(sum(line_count) as bigint) as line_count,
    sum(quantity) as quantity,
    sum(cost_amount) as cost_amount
from {{ ref('int_usage_rated') }}
where {{ is_due() }}
group by all
