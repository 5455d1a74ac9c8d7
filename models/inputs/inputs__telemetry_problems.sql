-- One row if the location of telemetry holds records, but none that were compacted: as a message for the person who
-- runs the build. Going on would report no direct use at all.

with

files as (
    select
        *,
        file_kind = 'parquet' as is_compacted,
        {{ regex_matches('lower(file_name)', "'^[^._].*\\.(jsonl|json|csv|gz)$'") }}
        and file_path not like '%/_compaction/%' as is_raw
    from {{ ref('inputs__files') }}
    where input_form = 'ai_proxy'
)

select
    min(case when is_raw then file_path end)
    || ': records of the proxy that were not compacted are not read. Run python scripts/compact_telemetry.py --source'
    || ' with their folder, and point AI_EMISSIONS_AI_PROXY at what it wrote (dt=YYYY-MM-DD/*.parquet).' as problem
from files
having count(case when is_raw then 1 end) > 0 and count(case when is_compacted then 1 end) = 0
