-- Two files without a folder of their own that hold the same lines and cost of a month are copies of each other, and
-- their usage would count twice.

with

lines as (
    {% for model in ['int_aws__export_lines', 'int_azure__export_lines'] %}
    select
        read_key,
        usage_month,
        account_id,
        delivered_period,
        line_count,
        usage_amount,
        cost_amount
    from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- Such a file is read alone, so its key is that of no other.
files as (
    select
        read_key,
        file_path
    from {{ ref('inputs__read_files') }}
),

file_months as (
    select
        files.file_path,
        lines.usage_month,
        lines.account_id,
        sum(lines.line_count) as line_count,
        sum(lines.usage_amount) as usage_amount,
        sum(lines.cost_amount) as cost_amount
    from lines
    left join files
        on lines.read_key = files.read_key
    where lines.delivered_period is null
    group by files.file_path, lines.usage_month, lines.account_id
)

select
    min(file_path) || ' and ' || max(file_path) || ': the same number of lines, usage and cost of account '
    || coalesce(account_id, 'none') || ' in ' || coalesce({{ month_text('usage_month') }}, 'an unknown month')
    || '. Move one of them out of the input folder.' as problem
from file_months
group by usage_month, account_id, line_count, usage_amount, cost_amount
having count(*) > 1
