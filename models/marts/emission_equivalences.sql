-- Grain: month x equivalence. The emissions or the energy of a month in things people know. Amounts add up over months.
-- Figures of energy count what reaches a meter, so the losses of transmission come off before.
-- The figure valid at the start of the month counts, before the first one that one (back-cast).

with

months as (
    select
        usage_month,
        sum(kwh / transmission_factor) as delivered_kwh,
        sum(coalesce(kwh_low, kwh) / transmission_factor) as delivered_kwh_low,
        sum(coalesce(kwh_high, kwh) / transmission_factor) as delivered_kwh_high,
        sum(gco2e) as gco2e,
        sum(coalesce(gco2e_low, gco2e)) as gco2e_low,
        sum(coalesce(gco2e_high, gco2e)) as gco2e_high
    from {{ ref('fct_ai_emissions') }}
    where status = 'estimated'
    group by usage_month
),

figures as (
    select
        *,
        coalesce(kgco2e_per_unit, kwh_per_unit) as figure,
        case basis when 'gco2e' then 'kgCO2e' else 'kWh' end || ' per ' || unit as figure_unit
    from {{ ref('equivalences') }}
),

candidates as (
    select
        months.*,
        figures.*,
        months.usage_month < figures.valid_from as is_backcast,
        row_number() over (
            partition by months.usage_month, figures.equivalence
            order by months.usage_month < figures.valid_from, figures.valid_from
        ) as choice
    from months
    inner join figures
        on months.usage_month <= coalesce(figures.valid_to, {{ end_of_time() }})
)

select
    usage_month,
    equivalence,
    label as equivalence_name,
    unit,
    case basis when 'gco2e' then gco2e / 1000 else delivered_kwh end / figure as amount,
    case basis when 'gco2e' then gco2e_low / 1000 else delivered_kwh_low end / figure as amount_low,
    case basis when 'gco2e' then gco2e_high / 1000 else delivered_kwh_high end / figure as amount_high,
    basis,
    figure,
    figure_unit,
    data_year,
    is_backcast,
    factor_id,
    source,
    licence,
    note
from candidates
where choice = 1
