{{ config(severity='warn') }}

-- Usage types and meters no rule of usage_type_rules.csv or azure_meter_words.csv fits. They are kept under
-- unmapped_model; a new rule resolves them (CONTRIBUTING.md).

select distinct
    'usage type ' || meter_name || ' of ' || coalesce(product_name, 'no product') || ', '
    || cast(line_count as string) || ' lines: no rule of '
    || case source
        when 'aws_bedrock' then 'usage_type_rules.csv'
        when 'microsoft_foundry' then 'azure_meter_words.csv'
        else 'proxy_operations.csv'
    end
    || ' fits, so its model and kind are unknown. Add one (CONTRIBUTING.md).' as problem
from {{ ref('ai_usage_meters') }}
where
    meter_class = 'unknown'
    and meter_name is not null
