-- One row per thing to look at that kept cost out of the number, with its share of the cost in its currency.

with

currency_totals as (
    select
        cost_currency,
        sum(cost_amount) as cost
    from ai_usage_coverage
    where status <> 'excluded_charge'
    group by cost_currency
),

uncovered as (
    select
        'status' as topic,
        coverage.status as subject,
        coverage.cost_currency as detail,
        sum(coverage.cost_amount) as amount,
        sum(coverage.cost_amount) / nullif(max(currency_totals.cost), 0) as share
    from ai_usage_coverage as coverage
    inner join currency_totals
        on coverage.cost_currency = currency_totals.cost_currency
    where coverage.status not in ('estimated', 'excluded_charge', 'not_model_usage', 'billed_elsewhere')
    group by coverage.status, coverage.cost_currency
    qualify row_number() over (partition by coverage.status order by share desc, coverage.cost_currency asc) = 1
),

unmapped as (
    select
        'unmapped' as topic,
        unmapped.unresolved_text as subject,
        unmapped.cost_currency as detail,
        unmapped.cost_amount as amount,
        unmapped.cost_amount / nullif(currency_totals.cost, 0) as share
    from ai_usage_unmapped as unmapped
    inner join currency_totals
        on unmapped.cost_currency = currency_totals.cost_currency
    where unmapped.status <> 'no_power_figure'
    order by share desc, unmapped.size_rank
    limit 1
)

select *
from uncovered
where amount > 0
union all
select *
from unmapped
where amount > 0
