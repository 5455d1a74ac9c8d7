-- One row per account: the name it has, if any.

select
    account_id,
    max(account_name) as account_name
from ai_emissions_by_account_month
group by account_id
