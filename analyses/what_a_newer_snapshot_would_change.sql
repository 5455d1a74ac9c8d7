-- What would the newest figures change, model by model? Each month's text usage with the figure that was in force,
-- beside the newest figure of the same published model or bucket.

with

emissions as (
    select * from {{ ref('fct_ai_emissions') }}
    where status = 'estimated' and modality = 'text'
),

figures as (
    select
        power_figure_id,
        model_name_as_published as figure_name,
        measured_on,
        wh_per_token
    from {{ ref('int_power__figures') }}
    union all
    select
        power_figure_id,
        'bucket ' || size_bucket as figure_name,
        measured_on,
        wh_per_token
    from {{ ref('int_power__bucket_figures') }}
),

newest as (
    select
        figure_name,
        max(measured_on) as measured_on,
        max_by(wh_per_token, measured_on) as wh_per_token
    from figures
    group by figure_name
),

compared as (
    select
        emissions.usage_month,
        emissions.model_id,
        figures.figure_name,
        figures.measured_on as figure_of,
        newest.measured_on as newest_figure_of,
        figures.wh_per_token,
        newest.wh_per_token as newest_wh_per_token,
        emissions.kwh,
        emissions.kwh * newest.wh_per_token / figures.wh_per_token as kwh_with_newest
    from emissions
    left join figures
        on emissions.power_figure_id = figures.power_figure_id
    left join newest
        on figures.figure_name = newest.figure_name
)

select
    usage_month,
    model_id,
    figure_name,
    figure_of,
    newest_figure_of,
    wh_per_token,
    newest_wh_per_token,
    sum(kwh) as kwh,
    sum(kwh_with_newest) as kwh_with_newest,
    sum(kwh_with_newest) / sum(kwh) - 1 as relative_change
from compared
group by all
order by usage_month desc, kwh desc
