-- Grain: month x choice of method. The whole estimated usage, computed anew under every choice. What is not estimated
-- in this build is not in any of them.

with

usage as (
    select * from {{ ref('int_choices__usage') }}
),

methods as (
    select * from {{ ref('int_choices__methods') }}
),

places as (
    select * from {{ ref('int_factors__places') }}
),

text_rates as (
    select * from {{ ref('int_power__text_rates') }}
),

fits as (
    select * from {{ ref('int_power__input_output_fits') }}
),

models as (
    select * from {{ ref('int_power__models') }}
),

-- The other figures the same usage could take. A model without one keeps the figure it has.
figured as (
    select
        usage.*,
        coalesce(newest.wh_per_unit, usage.figure_wh_per_unit) as newest_wh_per_unit,
        coalesce(
            case when usage.usage_kind = 'output' then fits.wh_per_output_token else fits.wh_per_input_token end,
            usage.figure_wh_per_unit
        ) as fitted_wh_per_unit,
        usage.power_basis = 'size_bucket' and models.size_basis = 'assumed' as has_assumed_size
    from usage
    left join text_rates as newest
        on
            usage.modality = 'text'
            and newest.usage_day_key
            = {{ row_key(['usage.source', 'usage.model_id', 'usage.model_variant', end_of_time()]) }}
    left join fits
        on usage.power_figure_id = fits.power_figure_id
    left join models
        on usage.model_id = models.model_id
),

chosen as (
    select
        figured.*,
        methods.choice,
        methods.grid_level,
        methods.transmission_factor_set,
        {{ place_level('methods.location_policy', 'figured.processing_scope', 'figured.cloud_provider') }}
            as place_level,
        case when figured.usage_kind = 'cache_read' then methods.cache_read_weight else 1 end
        * case methods.power_figures
            when 'newest' then figured.newest_wh_per_unit
            when 'input_and_output_fit' then figured.fitted_wh_per_unit
            else figured.figure_wh_per_unit
        end as wh_per_unit
    from figured
    cross join methods
    where methods.use_assumed_sizes or not figured.has_assumed_size
),

keyed as (
    select
        *,
        {{ place_day_key() }} as place_day_key,
        quantity * wh_per_unit / 1000 as it_kwh
    from chosen
)

select
    keyed.usage_month,
    keyed.choice,
    sum(keyed.tokens) as tokens,
    sum(keyed.it_kwh * places.psu_factor * places.pue * places.transmission_factor) as kwh,
    sum(
        keyed.it_kwh * places.psu_factor * places.pue * places.transmission_factor
        * places.carbon_intensity_gco2e_per_kwh
    ) as gco2e
from keyed
left join places
    on keyed.place_day_key = places.place_day_key
group by keyed.usage_month, keyed.choice
