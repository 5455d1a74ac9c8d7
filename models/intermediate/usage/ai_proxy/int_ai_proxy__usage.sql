-- Usage seen by the AI proxy in the shape all sources share. Grain: as int_ai_proxy__usage_lines. line_status says what
-- keeps the requests themselves from energy: no date, an error, a bill that counts them too, no count in the answer.

with

lines as (
    select * from {{ ref('int_ai_proxy__usage_lines') }}
),

meters as (
    select * from {{ ref('int_ai_proxy__meters_classified') }}
),

described as (
    select
        lines.*,
        meters.model_id,
        meters.model_variant,
        case
            when meters.meter_class in ('image', 'video', 'image_tokens') then meters.class_modality
            else coalesce(meters.model_modality, meters.class_modality)
        end as modality,
        meters.service_tier,
        meters.processing_scope,
        meters.media_code,
        meters.is_media_assumed,
        meters.is_custom_model,
        meters.class_status,
        meters.meter_status,
        meters.meter_status_reason
    from lines
    left join meters
        on lines.meter_key = meters.meter_key
),

checked as (
    select
        *,
        case
            when usage_date is null or provider is null then 'invalid_row'
            when
                quantity is null
                and (
                    is_http_error
                    or (usage_status = 'not_applicable' and outcome in ('upstream_error', 'proxy_error'))
                )
                then 'request_failed'
            when provider in ('{{ var("proxy_billed_elsewhere") | join("', '") }}') then 'billed_elsewhere'
            -- Of operations that count for nothing the count does not matter.
            when quantity is null and class_status is null then 'usage_not_reported'
        end as line_status
    from described
)

select
    'ai_proxy' as source,
    source_delivery,
    usage_date,
    usage_month,
    cast(null as string) as billing_account_id,
    provider as account_id,
    cast(null as string) as resource_id,
    team,
    cast(null as string) as tags_json,
    model as meter_name,
    model as model_name_raw,
    model_id,
    model_variant,
    modality,
    usage_kind,
    service_tier,
    processing_scope,
    case when coalesce(line_status, 'sound') <> 'invalid_row' then quantity end as quantity,
    quantity_unit,
    case
        when quantity is null or line_status = 'invalid_row' then null
        when usage_status = 'partial' then 'partial'
        else 'reported'
    end as usage_quality,
    cast(null as double) as cost_amount,
    cast(null as string) as cost_currency,
    line_count,
    'direct' as cloud_provider,
    cast(null as string) as region_raw,
    cast(null as string) as region_source,
    cast(null as string) as region_billed,
    media_code,
    is_media_assumed,
    is_custom_model,
    line_status,
    case
        when line_status = 'invalid_row' and usage_date is null then 'time of the request cannot be read'
        when line_status = 'invalid_row' then 'no provider'
        when line_status = 'request_failed' and outcome = 'proxy_error' then 'no answer from the provider'
        when line_status = 'request_failed' then 'the provider answered with an error'
        when line_status = 'billed_elsewhere' then 'counted in the billing export of ' || provider
        when line_status is null then null
        when usage_status = 'partial' then 'the answer broke off before it reported usage'
        when usage_status = 'unparseable' then 'the answer could not be read'
        when modality in ('image', 'video') then 'the answer does not say how much was created'
        else 'the answer reports no tokens'
    end as line_status_reason,
    meter_status,
    meter_status_reason
from checked
