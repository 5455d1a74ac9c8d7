-- One row per way to compute the same usage: the choices of the seed, each unlike the method document in one thing,
-- and the choices of this build. Settings reach factors of places through this table alone.

select
    choice,
    choice_name,
    what_changes,
    location_policy,
    grid_level,
    transmission_factor_set,
    cache_read_weight,
    power_figures,
    use_assumed_sizes
from {{ ref('method_choices') }}
union all
select
    'as_built' as choice,
    'The settings of this build' as choice_name,
    'what the variables of the build say' as what_changes,
    '{{ var("location_policy") }}' as location_policy,
    '{{ var("grid_level") }}' as grid_level,
    '{{ var("transmission_factor_set") }}' as transmission_factor_set,
    cast({{ var('cache_read_weight') }} as double) as cache_read_weight,
    'in_force' as power_figures,
    {{ var('use_assumed_sizes') }} as use_assumed_sizes
