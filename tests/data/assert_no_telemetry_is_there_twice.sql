-- Two files of telemetry that hold the same records of a day are copies of each other, and their usage would count
-- twice. The compaction writes one file a day, in which each record is there once.

with

file_days as (
    select
        file_path,
        usage_date,
        sum(request_count) as request_count,
        bit_xor(record_hash) as record_hash
    from {{ ref('stg_ai_proxy__requests') }}
    where request_count > 0 and record_hash is not null
    group by file_path, usage_date
)

select
    min(file_path) || ' and ' || max(file_path) || ': the same records of '
    || coalesce(cast(usage_date as string), 'a day that cannot be read')
    || '. Move one of them out of the input folder.' as problem
from file_days
group by usage_date, request_count, record_hash
having count(*) > 1
