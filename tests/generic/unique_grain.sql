{#- The columns together tell every row apart; NULL counts as a value, which the built-in unique test cannot do for
    several columns. -#}
{% test unique_grain(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
