{{ config(severity='warn') }}

-- Usage types no rule of usage_type_rules.csv fits. They are kept under unmapped_model; a new rule resolves them
-- (CONTRIBUTING.md).

select distinct
    meter_name,
    product_name,
    line_count
from {{ ref('ai_usage_meters') }}
where
    meter_class = 'unknown'
    and meter_name is not null
