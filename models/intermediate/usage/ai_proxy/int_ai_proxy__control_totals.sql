-- One row per file that was read: what the records in it add up to. Telemetry has no cost.

select
    file_path,
    source_delivery,
    cast(sum(request_count) as bigint) as ai_line_count,
    sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0) + coalesce(image_count, 0) + coalesce(media_seconds, 0))
        as usage_amount_total,
    cast(null as string) as cost_totals_json
from {{ ref('stg_ai_proxy__requests') }}
where request_count > 0
group by file_path, source_delivery
