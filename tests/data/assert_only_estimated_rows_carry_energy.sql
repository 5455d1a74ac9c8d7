-- An estimated row names its power figure, its factors and their sources; every other row carries no energy at all,
-- not even 0.

select *
from {{ ref('fct_ai_emissions') }}
where
    case
        when status = 'estimated'
            then
                quantity is null
                or it_kwh is null
                or facility_kwh is null
                or kwh is null
                or gco2e is null
                or power_figure_id is null
                or power_source is null
                or power_basis is null
                or power_confidence is null
                or psu_factor_id is null
                or transmission_factor_id is null
                or pue_factor_id is null
                or pue_basis is null
                or carbon_intensity_factor_id is null
                or intensity_basis is null
                or region_used is null
        else
            it_kwh is not null
            or facility_kwh is not null
            or kwh is not null
            or gco2e is not null
            or kwh_low is not null
            or gco2e_high is not null
    end
