{#- Do two sums of doubles differ by more than their last digits, or is only one of them NULL? The order in which threads
    add changes the last digit. -#}
{% macro differs(left, right) -%}
    (
        ({{ left }} is null) <> ({{ right }} is null)
        or abs(({{ left }}) - ({{ right }})) > 1e-9 * greatest(abs({{ left }}), abs({{ right }}), 1e-9)
    )
{%- endmacro %}
