{#- The last steps of every AWS reading model: what is kept of the billing lines. The same words four times over would drift
    apart, hence the macro. Two grains in one pass over the lines, since they are read only once: rows of usage, summed over
    all files that are read together (a delivery), and a row of totals per file and line type, which the rows of usage are
    held to. A file without such lines has a row of totals with line_count 0: it was read.

    Amounts that are missing or no numbers form rows of their own: in a sum they would disappear. The calls
    are marked noqa: sqlfluff does not know grouping sets in the dialect of DuckDB. -#}
{% macro sum_usage_lines(relation) -%}
{%- set delivery = ['reader', 'source_delivery', 'delivered_period', 'read_key'] -%}
{%- set of_totals = ['billing_period', 'charge_type', 'cost_currency'] -%}
{%- set of_usage = [
    'usage_date', 'billing_account_id', 'account_id', 'billing_entity', 'product_code', 'product_name', 'model_attribute',
    'usage_type', 'pricing_unit', 'product_pricing_unit', 'description', 'region', 'resource_id', 'tags',
    'cost_categories', 'unreadable_amount',
] -%}
lines_of_files as (
    select
        files.reader,
        files.source_delivery,
        files.billing_period as delivered_period,
        files.read_key,
        files.file_path,
        {{ all_but(['file_path', 'usage_amount_text', 'cost_text'], 'lines') }},
        lines.file_path is not null as is_line,
        {{ try_number('lines.usage_amount_text') }} as usage_amount,
        {{ try_number('lines.cost_text') }} as cost_amount,
        case
            when lines.usage_amount_text is null then 'no usage amount'
            when {{ try_number('lines.usage_amount_text') }} is null then 'usage amount is not a number'
            when {{ try_number('lines.cost_text') }} is null and lines.cost_text is not null then 'cost is not a number'
        end as unreadable_amount
    from files
    left join {{ relation }} as lines
        on files.file_path = lines.file_path
),

summed as (
    select
        {{ (delivery + ['file_path'] + of_totals + of_usage) | join(',\n        ') }},
        grouping(file_path) = 0 as is_file_total,
        count_if(is_line) as line_count,
        sum(usage_amount) as usage_amount,
        sum(cost_amount) as cost_amount
    from lines_of_files
    group by grouping sets (
        ({{ (delivery + ['file_path'] + of_totals) | join(', ') }}),
        ({{ (delivery + of_totals + of_usage) | join(', ') }})
    )
)

select * from summed
where is_file_total or line_count > 0
{%- endmacro %}
