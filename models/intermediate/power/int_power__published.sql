-- One row per published figure and prompt length: the shipped ones, and of each loaded snapshot the highest revision
-- of its day. Names are looked up as they are known today, so that a name added later reaches older snapshots too.

with

shipped as (
    select * from {{ ref('text_model_power') }}
),

snapshots as (
    select * from {{ ref('stg_model_power__snapshots') }}
),

model_names as (
    select * from {{ ref('int_model_names') }}
),

revisions as (
    select
        *,
        -- A revised snapshot holds other figures: they are not to be taken for those of the first one.
        case when revision > 1 then 'r' || cast(revision as string) end as revision_mark,
        dense_rank() over (partition by measured_on order by revision desc, file_path desc) as revision_rank
    from snapshots
),

loaded as (
    select
        concat_ws(
            ':',
            'snapshot',
            cast(revisions.measured_on as string),
            revisions.model_name_as_published,
            revisions.api_id,
            revisions.prompt_length,
            revisions.revision_mark
        ) as power_figure_id,
        revisions.*,
        coalesce(model_names.model_id, revisions.model_id) as known_model_id,
        case when model_names.model_id is not null then model_names.variant else revisions.variant end
            as known_variant
    from revisions
    left join model_names
        on {{ normalised_name('revisions.model_name_as_published') }} = model_names.normalised_name
    where revisions.revision_rank = 1
)

select
    power_figure_id,
    false as is_loaded,
    model_name_as_published,
    cast(null as string) as api_id,
    cast(null as string) as model_id,
    cast(null as string) as variant,
    host,
    hardware,
    author_size_class,
    prompt_length,
    'medium' as prompt_length_used,
    input_tokens,
    output_tokens,
    energy_wh_mean,
    energy_wh_std,
    pue_included,
    wh_per_token,
    unit,
    measured_on,
    measured_on as values_since,
    edition,
    source,
    licence,
    evidence,
    note
from shipped
union all
select
    power_figure_id,
    true as is_loaded,
    model_name_as_published,
    api_id,
    known_model_id as model_id,
    known_variant as variant,
    host,
    hardware,
    author_size_class,
    prompt_length,
    prompt_length_used,
    input_tokens,
    output_tokens,
    energy_wh_mean,
    energy_wh_std,
    pue_included,
    wh_per_token,
    case when wh_per_token is null then 'Wh per query, PUE of the host included' else 'Wh per token, without PUE' end
        as unit,
    measured_on,
    coalesce(values_unchanged_since, measured_on) as values_since,
    concat_ws(' ', 'snapshot', cast(measured_on as string), revision_mark) as edition,
    source,
    'not stated by the dataset: for use, not for passing on' as licence,
    'loaded by scripts/load_model_power.py' as evidence,
    case
        when prompt_length_used <> 'medium' then 'Wh per token from the ' || prompt_length_used || ' prompt'
    end as note
from loaded
