-- One row per FOCUS file: the currency of its prices, where bill and price list are in different ones. Some of its
-- lines can only be understood in one of the two: where all of these say the same, that is the currency of the file; a
-- file that has none of them follows its delivery.

with

votes as (
    select distinct
        file_path,
        source_delivery,
        price_currency
    from {{ ref('stg_azure__focus') }}
    where line_count > 0
),

files as (
    select
        file_path,
        source_delivery,
        min(price_currency) as first_currency,
        max(price_currency) as last_currency
    from votes
    group by file_path, source_delivery
),

with_delivery as (
    select
        *,
        min(first_currency) over (partition by source_delivery) as first_of_delivery,
        max(last_currency) over (partition by source_delivery) as last_of_delivery
    from files
)

select
    file_path,
    case
        when first_currency = last_currency then first_currency
        when first_currency is null and first_of_delivery = last_of_delivery then first_of_delivery
    end as price_currency
from with_delivery
