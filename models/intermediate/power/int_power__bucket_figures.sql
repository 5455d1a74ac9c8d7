-- One row per snapshot and size bucket: the average over the endpoints of the author's class. The method document's
-- own figure belongs to no class and is not averaged.

with

figures as (
    select * from {{ ref('int_power__figures') }}
    where size_bucket is not null
),

averages as (
    select
        'bucket:' || edition || ':' || size_bucket as power_figure_id,
        edition,
        is_loaded,
        measured_on,
        max(values_since) as values_since,
        size_bucket,
        count(*) as member_count,
        {{ mean_in_order('wh_per_token') }} as wh_per_token,
        median(wh_per_token) as wh_per_token_median,
        min(wh_per_token) as wh_per_token_low,
        max(wh_per_token) as wh_per_token_high,
        {{ text_list('model_name_as_published', "'; '", order_by='model_name_as_published') }} as members,
        case when count(doubt) * 2 >= count(*) then min(doubt) end as doubt_of_members,
        min(power_source) as power_source,
        {{ text_list('licence', "'; '", order_by='licence', distinct=true) }} as licence
    from figures
    group by edition, is_loaded, measured_on, size_bucket
),

compared as (
    select
        *,
        lag(wh_per_token) over (partition by is_loaded, size_bucket order by measured_on, edition)
            as earlier_wh_per_token
    from averages
)

select
    power_figure_id,
    edition,
    is_loaded,
    measured_on,
    values_since,
    size_bucket,
    member_count,
    wh_per_token,
    wh_per_token_median,
    wh_per_token_low,
    wh_per_token_high,
    members,
    -- One doubtful member among many hardly moves an average; other members may move it though no model moved.
    case
        when doubt_of_members is not null then doubt_of_members
        when
            wh_per_token / nullif(earlier_wh_per_token, 0)
            not between 1.0 / {{ var('power_jump_factor') }} and {{ var('power_jump_factor') }}
            then 'moved by more than the jump factor'
    end as doubt,
    power_source,
    licence
from compared
