-- One row per file whose lines prove by their prices how its quantities are counted: what all of them prove, or what
-- all of its delivery do where the file itself proves nothing. Free lines are read that way. Files that contradict
-- themselves prove nothing.

with

proofs as (
    select
        file_path,
        source_delivery,
        case when is_usage and unit_check in ('blocks', 'single_units') then unit_check end as proven_reading
    from {{ ref('int_azure__export_lines') }}
),

files as (
    select
        file_path,
        source_delivery,
        min(proven_reading) as first_reading,
        max(proven_reading) as last_reading
    from proofs
    group by file_path, source_delivery
),

with_delivery as (
    select
        *,
        min(first_reading) over (partition by source_delivery) as first_of_delivery,
        max(last_reading) over (partition by source_delivery) as last_of_delivery
    from files
)

select
    file_path,
    case
        when first_reading = last_reading then first_reading
        when first_reading is null and first_of_delivery = last_of_delivery then first_of_delivery
    end as file_reading
from with_delivery
