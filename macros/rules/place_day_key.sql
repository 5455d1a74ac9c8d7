{#- What the factors of a place are looked up by: the place, the day, and the two settings that pick among factors. -#}
{% macro place_day_key() -%}
    {{ row_key([
        'cloud_provider', 'region_billed', 'place_level', 'grid_level', 'transmission_factor_set', 'usage_date',
    ]) }}
{%- endmacro %}
