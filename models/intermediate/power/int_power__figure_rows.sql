-- One row per power figure: published text figures (all prompt lengths), size-bucket averages and the media table,
-- in the shape of emission_factors.

with

published as (
    select * from {{ ref('int_power__published') }}
),

figures as (
    select * from {{ ref('int_power__figures') }}
),

-- The prompt length that is used stands as it is used; the other ones as they were published.
text_power as (
    select
        published.power_figure_id as factor_id,
        'text_power' as factor_type,
        published.model_name_as_published || ', ' || published.prompt_length || ' prompt' as applies_to,
        coalesce(figures.wh_per_token, published.energy_wh_mean) as figure,
        case when figures.wh_per_token is not null then 'Wh per token, without PUE' else published.unit end as unit,
        published.measured_on as valid_from,
        cast(null as date) as valid_to,
        published.edition,
        published.source,
        published.licence,
        published.evidence,
        published.note
    from published
    left join figures
        on published.power_figure_id = figures.power_figure_id
),

bucket_power as (
    select
        power_figure_id as factor_id,
        'size_bucket_power' as factor_type,
        size_bucket as applies_to,
        wh_per_token as figure,
        'Wh per token, without PUE' as unit,
        measured_on as valid_from,
        cast(null as date) as valid_to,
        edition,
        power_source as source,
        licence,
        'computed: mean of ' || cast(member_count as string) || ' endpoints' as evidence,
        members as note
    from {{ ref('int_power__bucket_figures') }}
),

media_power as (
    select
        power_figure_id as factor_id,
        'media_power' as factor_type,
        media_name as applies_to,
        wh_per_unit as figure,
        unit,
        valid_from,
        valid_to,
        cast(null as string) as edition,
        source,
        licence,
        evidence,
        note
    from {{ ref('media_power') }}
)

select * from text_power
union all
select * from bucket_power
union all
select * from media_power
