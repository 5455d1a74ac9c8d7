{{ config(severity='warn') }}

-- An input that was given a location of its own and holds no file there is rather a misspelt path than an input
-- without usage.

{%- set own = [] %}
{%- for input_form, location in input_locations().items() if var(input_form) %}
    {%- do own.append((input_form, location)) %}
{%- endfor %}

with

files as (
    select distinct input_form from {{ ref('inputs__files') }}
),

locations as (
    select
        null as input_form,
        null as location
    where false
    {% for input_form, location in own %}
    union all
    select
        '{{ input_form }}' as input_form,
        {{ sql_text(location) }} as location
    {% endfor %}
)

select
    locations.input_form || ': no file below ' || locations.location || '. Check the setting '
    || 'AI_EMISSIONS_' || upper(locations.input_form) || ' or the variable of that name.' as problem
from locations
left join files
    on locations.input_form = files.input_form
where files.input_form is null
