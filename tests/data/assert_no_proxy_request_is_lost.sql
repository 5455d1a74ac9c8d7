-- Telemetry: requests, tokens, images and seconds as they were read from the files equal the sum over all statuses of
-- the fact, per delivery, day, provider and model string. Tokens are counted as the records report them, before they
-- are taken apart by kind.

with

records as (
    select
        *,
        usage_date is not null and provider is not null as is_sound
    from {{ ref('stg_ai_proxy__requests') }}
    where request_count > 0
),

requests_in as (
    select
        source_delivery,
        usage_date,
        provider,
        model,
        sum(request_count) as requests,
        sum(
            case
                when not is_sound then null
                when has_input then input_tokens + coalesce(output_tokens, 0)
                when has_cache or has_output
                    then
                        coalesce(cache_read_tokens, 0)
                        + coalesce(cache_write_tokens, 0)
                        + coalesce(output_tokens, 0)
            end
        ) as tokens,
        sum(case when is_sound then image_count end) as images,
        sum(case when is_sound then media_seconds end) as media_seconds
    from records
    group by source_delivery, usage_date, provider, model
),

requests_out as (
    select
        source_delivery,
        usage_date,
        account_id as provider,
        meter_name as model,
        sum(line_count) as requests,
        sum(case when quantity_unit = 'token' then quantity end) as tokens,
        sum(case when quantity_unit = 'image' then quantity end) as images,
        sum(case when quantity_unit = 'second' then quantity end) as media_seconds
    from {{ ref('fct_ai_emissions') }}
    where source = 'ai_proxy'
    group by source_delivery, usage_date, account_id, meter_name
)

select
    requests_in.*,
    requests_out.requests as fact_requests,
    requests_out.tokens as fact_tokens,
    requests_out.images as fact_images,
    requests_out.media_seconds as fact_media_seconds
from requests_in
full outer join requests_out
    on
        requests_in.source_delivery = requests_out.source_delivery
        and requests_in.usage_date is not distinct from requests_out.usage_date
        and requests_in.provider is not distinct from requests_out.provider
        and requests_in.model is not distinct from requests_out.model
where
    requests_in.requests is distinct from requests_out.requests
    or {{ differs('requests_in.tokens', 'requests_out.tokens') }}
    or {{ differs('requests_in.images', 'requests_out.images') }}
    or {{ differs('requests_in.media_seconds', 'requests_out.media_seconds') }}
