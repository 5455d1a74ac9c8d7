-- One row per meter: what the words of its name say. Within a facet the word of the lowest rank counts; of the things
-- counted the last word, since names of image models hold such words too.

with

words as (
    select * from {{ ref('int_azure__words') }}
    where text_rank = 1
),

ranked as (
    select
        *,
        row_number() over (
            partition by meter_key, facet
            order by case when facet = 'counted' then -word_position else rule_rank end, word_position
        ) as choice
    from words
),

facets as (
    select
        meter_key,
        max(case when facet = 'kind' then value end) as kind,
        max(case when facet = 'fine_tuning' then value end) as fine_tuning,
        max(case when facet = 'counted' then value end) as counted,
        max(case when facet = 'modality' then value end) as token_modality,
        max(case when facet = 'direction' then value end) as direction,
        max(case when facet = 'scope' then value end) as processing_scope,
        max(case when facet = 'tier' then value end) as service_tier,
        max(case when facet = 'context' then value end) as context_band
    from ranked
    where choice = 1
    group by meter_key
)

select
    meter_key,
    kind,
    counted,
    token_modality,
    case when token_modality = 'embedding' then coalesce(direction, 'input') else direction end as direction,
    coalesce(service_tier, 'standard') as service_tier,
    -- A developer deployment may run in any region.
    coalesce(processing_scope, case when service_tier = 'developer' then 'global' else 'unknown' end)
        as processing_scope,
    coalesce(context_band = 'long_context', false) as is_long_context,
    fine_tuning is not null as is_custom_model
from facets
