-- One row per pack of a closed period: its fact file. With any fault the build stops here, and the last good marts
-- stay.

with

manifests as (
    select * from {{ ref('inputs__closed_manifests') }}
),

problems as (
    select * from {{ ref('inputs__closed_pack_problems') }}
),

verdict as (
    select
        count(problem) as problem_count,
        {{ text_list('problem', 'chr(10)', order_by='problem') }} as message
    from problems
)

select
    manifests.period,
    manifests.closed_revision,
    manifests.pack_path || '/fct_ai_emissions.parquet' as file_path,
    manifests.seal_sha256
from verdict
left join manifests
    on
        case
            when verdict.problem_count > 0
                then {{ stop_build() }}('The closed periods cannot be used.' || chr(10) || verdict.message)
            else true
        end
where manifests.pack_path is not null
