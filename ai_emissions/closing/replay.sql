-- A closed month computed again from its pack alone: quantities of the fact rows, figures of the factor rows, the
-- setting that weighs cached reads. Returns the rows that do not come out as they were closed.

with

facts as (
    select * from read_parquet('{pack}/fct_ai_emissions.parquet')
),

factors as (
    select * from read_parquet('{pack}/emission_factors.parquet')
),

settings as (
    select max(case when setting = 'cache_read_weight' then cast(setting_value as double) end) as cache_read_weight
    from read_parquet('{pack}/method_settings.parquet')
),

computed as (
    select
        facts.emission_id,
        facts.status,
        facts.it_kwh,
        facts.facility_kwh,
        facts.kwh,
        facts.gco2e,
        facts.quantity
        * case
            when facts.usage_kind = 'cache_read' then power.figure * settings.cache_read_weight else power.figure
        end / 1000 as it_kwh_again,
        it_kwh_again * psu.figure * pue.figure as facility_kwh_again,
        facility_kwh_again * transmission.figure as kwh_again,
        kwh_again * intensity.figure as gco2e_again
    from facts
    cross join settings
    left join factors as power
        on facts.power_figure_id = power.factor_id
    left join factors as psu
        on facts.psu_factor_id = psu.factor_id
    left join factors as transmission
        on facts.transmission_factor_id = transmission.factor_id
    left join factors as pue
        on facts.pue_factor_id = pue.factor_id
    left join factors as intensity
        on facts.carbon_intensity_factor_id = intensity.factor_id
)

select
    emission_id,
    kwh,
    kwh_again,
    gco2e,
    gco2e_again
from computed
where
    case
        when status = 'estimated'
            then
                not coalesce(
                    abs(it_kwh - it_kwh_again) <= 1e-12 * abs(it_kwh)
                    and abs(facility_kwh - facility_kwh_again) <= 1e-12 * abs(facility_kwh)
                    and abs(kwh - kwh_again) <= 1e-12 * abs(kwh)
                    and abs(gco2e - gco2e_again) <= 1e-12 * abs(gco2e),
                    false
                )
        else coalesce(it_kwh, facility_kwh, kwh, gco2e) is not null
    end
order by emission_id
