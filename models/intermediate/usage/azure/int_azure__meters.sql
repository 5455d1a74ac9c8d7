{{ config(materialized='table') }}

-- One row per distinct meter: every combination of what decides how a billing line is understood. Finds whose models
-- the meter counts: from its subcategory, whose spelling drifts while the maker's name in it stays; where that says
-- nothing, from the names that the meter, product, plan or publisher give.

with

lines as (
    select * from {{ ref('int_azure__usage_lines') }}
),

products as (
    select * from {{ ref('azure_products') }}
),

meters as (
    select distinct
        meter_key,
        meter_category,
        meter_subcategory,
        meter_name,
        product_name,
        plan_name,
        publisher_name,
        is_marketplace,
        unit_text,
        base_unit,
        quantity_per_unit,
        quantity_basis,
        unit_check,
        usual_reading,
        quantity_reading,
        region
    from lines
),

texts as (
    select
        *,
        {{ azure_meter_text('coalesce(meter_name, product_name, plan_name)') }} as meter_text,
        lower(concat_ws(' ', meter_name, product_name, plan_name, publisher_name)) as all_names
    from meters
),

-- The subcategory first; the category and the names only where it leaves the maker and the class open.
matches as (
    select
        texts.meter_key,
        products.model_family,
        products.meter_class,
        products.attribute,
        row_number() over (
            partition by texts.meter_key
            order by
                case products.attribute when 'subcategory' then 1 when 'names' then 2 else 3 end,
                products.rank
        ) as match_rank
    from texts
    inner join products
        on
            {{ regex_matches("""lower(
                case products.attribute
                    when 'subcategory' then texts.meter_subcategory
                    when 'category' then texts.meter_category
                    when 'names' then texts.all_names
                end
            )""", 'products.pattern') }}
)

select
    texts.*,
    matches.model_family,
    matches.meter_class as product_class
from texts
left join matches
    on
        texts.meter_key = matches.meter_key
        and matches.match_rank = 1
