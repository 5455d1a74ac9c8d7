{#- At most one row per key and day: validity periods of one key do not overlap and leave no gap. -#}
{% test no_overlapping_validity(model, key_columns) %}
with

periods as (
    select
        {{ key_columns | join(', ') }},
        valid_from,
        valid_to,
        lead(valid_from) over (partition by {{ key_columns | join(', ') }} order by valid_from) as next_valid_from
    from {{ model }}
)

select *
from periods
where
    valid_to < valid_from
    or (next_valid_from is not null and (valid_to is null or next_valid_from <> valid_to + interval 1 day))
{% endtest %}
