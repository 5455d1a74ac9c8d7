-- One row per model string of the telemetry: the model it is. A string is looked up whole, then with what the rules of
-- proxy_name_rules take off (dates, versions, "latest"), each also without the maker before the slash; the first rule
-- whose rest is a spelling of the catalogue decides. What no rule resolves stays unresolved.

with

names as (
    select distinct
        model,
        -- Resource paths of Google, and the base of a fine-tuned model of OpenAI, whose own name is the customer's.
        regexp_replace(
            coalesce(nullif(regexp_extract(model, '^ft:([^:]+)', 1), ''), model),
            '^(.*publishers/[^/]+/models/|models/)', ''
        ) as model_name,
        {{ regex_matches('model', "'^ft:'") }} as is_custom_model
    from {{ ref('int_ai_proxy__usage_lines') }}
    where model is not null
),

rules as (
    select * from {{ ref('proxy_name_rules') }}
),

aliases as (
    select * from {{ ref('int_model_names') }}
),

spellings as (
    select
        *,
        0 as shortening
    from names
    union all
    select
        model,
        regexp_replace(model_name, '^[a-z-]+/', '') as model_name,
        is_custom_model,
        1 as shortening
    from names
    where {{ regex_matches('model_name', "'^[a-z-]+/'") }}
),

candidates as (
    select
        spellings.model,
        spellings.is_custom_model,
        spellings.shortening,
        rules.rank,
        {{ normalised_name('regexp_extract(spellings.model_name, rules.pattern, 1)') }} as normalised_name,
        nullif(regexp_extract(spellings.model_name, rules.pattern, 2), '') as version_text
    from spellings
    inner join rules
        on {{ regex_matches('spellings.model_name', 'rules.pattern') }}
),

resolved as (
    select
        candidates.model,
        candidates.is_custom_model,
        aliases.model_id,
        coalesce(aliases.variant, candidates.version_text) as model_variant,
        row_number() over (
            partition by candidates.model
            order by aliases.model_id is null, candidates.rank, candidates.shortening
        ) as choice
    from candidates
    left join aliases
        on candidates.normalised_name = aliases.normalised_name
)

select
    model,
    is_custom_model,
    model_id,
    case when model_id is not null then model_variant end as model_variant
from resolved
where choice = 1
