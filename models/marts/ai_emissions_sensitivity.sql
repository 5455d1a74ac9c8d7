-- Grain: month x choice of method. The same usage under the method document and under each single alternative: which
-- choices move the number, and which do not.

with

energy as (
    select * from {{ ref('int_choices__energy') }}
),

methods as (
    select * from {{ ref('int_choices__methods') }}
),

months as (
    select distinct usage_month from energy
),

document as (
    select * from energy
    where choice = 'method_document'
)

select
    months.usage_month,
    methods.choice,
    methods.choice_name,
    methods.what_changes,
    energy.tokens,
    energy.kwh,
    energy.gco2e,
    energy.kwh / nullif(document.kwh, 0) - 1 as kwh_change_share,
    energy.gco2e / nullif(document.gco2e, 0) - 1 as gco2e_change_share
from months
cross join methods
left join energy
    on
        months.usage_month = energy.usage_month
        and methods.choice = energy.choice
left join document
    on months.usage_month = document.usage_month
