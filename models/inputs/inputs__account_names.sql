{{ config(pre_hook="{{ set_account_name_files() }}") }}

-- One row per account of the optional file account_names.csv in the data root (columns account_id, account_name).

select
    trim(account_id) as account_id,
    trim(account_name) as account_name
from {{ account_name_rows() }}
