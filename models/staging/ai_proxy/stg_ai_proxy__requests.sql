{{ config(
    materialized='incremental',
    pre_hook=[
        "{{ forget_files(ref('inputs__read_files')) }}",
        "{{ set_file_list('parquet_files', \"reader = 'ai_proxy' and \" ~ not_read_yet(), ref('inputs__read_files'), template_path('ai_proxy', 'parquet')) }}",
    ]
) }}

-- Records of the AI proxy as the compaction leaves them. Grain: file x day x provider x operation x output x model x
-- team x how the request ended x picture x which counts it has: the records are summed while they are read, so nothing
-- later touches the raw files. A file without records has one row with request_count 0: it was read.

with

files as (
    select * from {{ ref('inputs__read_files') }}
    where reader = 'ai_proxy' and {{ not_read_yet() }}
),

records as (
    select
        file_path,
        cast(record_id as string) as record_id,
        cast(try_cast(request_ts as timestamp) as date) as usage_date,
        {{ blank_to_null('provider') }} as provider,
        {{ blank_to_null('operation') }} as operation,
        {{ blank_to_null('output_type') }} as output_type,
        {{ blank_to_null('model') }} as model,
        {{ blank_to_null('team') }} as team,
        {{ blank_to_null('usage_status') }} as usage_status,
        {{ blank_to_null('outcome') }} as outcome,
        coalesce({{ try_number('http_status') }} >= 400, false) as is_http_error,
        {{ blank_to_null('image_size') }} as image_size,
        {{ blank_to_null('image_quality') }} as image_quality,
        {{ try_count('input_tokens') }} as input_tokens,
        {{ try_count('output_tokens') }} as output_tokens,
        {{ try_count('cache_read_tokens') }} as cache_read_tokens,
        {{ try_count('cache_write_tokens') }} as cache_write_tokens,
        {{ try_count('image_count') }} as image_count,
        {{ try_count('media_seconds') }} as media_seconds
    from {{ input_rows('ai_proxy') }}
),

-- The input holds what was read from and written to the cache, so those two can never be more than it.
cache_reads as (
    select
        *,
        case when cache_read_tokens > input_tokens then input_tokens else cache_read_tokens end as cache_read
    from records
),

cache_writes as (
    select
        *,
        case
            when cache_write_tokens > input_tokens - coalesce(cache_read, 0) then input_tokens - coalesce(cache_read, 0)
            else cache_write_tokens
        end as cache_write
    from cache_reads
)

select
    files.source_delivery,
    files.file_path,
    files.read_key,
    records.usage_date,
    records.provider,
    records.operation,
    records.output_type,
    records.model,
    records.team,
    records.usage_status,
    records.outcome,
    records.is_http_error,
    records.image_size,
    records.image_quality,
    -- Requests with and without a count never share a row: their sum would pass for the count of all of them.
    records.input_tokens is not null as has_input,
    records.output_tokens is not null as has_output,
    records.cache_read is not null or records.cache_write is not null as has_cache,
    records.image_count is not null as has_images,
    records.media_seconds is not null as has_seconds,
    count(records.file_path) as request_count,
    sum(records.input_tokens) as input_tokens,
    sum(records.output_tokens) as output_tokens,
    sum(records.input_tokens - coalesce(records.cache_read, 0) - coalesce(records.cache_write, 0))
        as uncached_input_tokens,
    sum(records.cache_read) as cache_read_tokens,
    sum(records.cache_write) as cache_write_tokens,
    sum(records.image_count) as image_count,
    sum(records.media_seconds) as media_seconds,
    bit_xor({{ text_hash('records.record_id') }}) as record_hash
from files
left join cache_writes as records
    on files.file_path = records.file_path
group by all
