{#- The last step of every AWS reading model: billing lines summed to one row per file, day and everything that tells
    usage apart. The same words four times over would drift apart, hence the macro. Amounts that are missing or no
    numbers form rows of their own: in a sum they would disappear. A file without such lines has one row with
    line_count 0: it was read. -#}
{% macro sum_usage_lines(relation) -%}
summed as (
    select
        {{ all_but(['usage_amount_text', 'cost_text'], 'lines') }},
        case
            when lines.usage_amount_text is null then 'no usage amount'
            when {{ try_number('lines.usage_amount_text') }} is null then 'usage amount is not a number'
            when {{ try_number('lines.cost_text') }} is null and lines.cost_text is not null then 'cost is not a number'
        end as unreadable_amount,
        count(*) as line_count,
        sum({{ try_number('lines.usage_amount_text') }}) as usage_amount,
        sum({{ try_number('lines.cost_text') }}) as cost_amount
    from {{ relation }} as lines
    group by all
)

select
    files.reader,
    files.source_delivery,
    files.billing_period as delivered_period,
    files.file_path,
    files.read_key,
    {{ all_but(['file_path', 'line_count'], 'summed') }},
    coalesce(summed.line_count, 0) as line_count
from files
left join summed
    on files.file_path = summed.file_path
{%- endmacro %}
