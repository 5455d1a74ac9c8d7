-- Foundry usage in the shape all sources share. Grain: as int_azure__usage_lines, less the lines that a better form of
-- export holds too. Quantities are in tokens, images or seconds; line_status and meter_status say what keeps a line
-- from energy whatever the power figures.

with

lines as (
    select * from {{ ref('int_azure__usage_lines') }}
),

covered_accounts as (
    select * from {{ ref('int_azure__covered_accounts') }}
),

meters as (
    select * from {{ ref('int_azure__meters_classified') }}
),

tag_groups as (
    select * from {{ ref('int_tag_groups') }}
),

counted as (
    select lines.*
    from lines
    left join covered_accounts
        on
            lines.source_delivery = covered_accounts.source_delivery
            and lines.account_id is not distinct from covered_accounts.account_id
            and lines.usage_month is not distinct from covered_accounts.usage_month
            and lines.usage_date is not distinct from covered_accounts.usage_date
    where not coalesce(covered_accounts.is_outranked, false)
),

-- What is wrong with the line itself, apart from what its meter says.
checked as (
    select
        *,
        case
            when coalesce(is_usage, false) = false then 'excluded_charge'
            when usage_date is null or account_id is null or usage_month is null then 'invalid_row'
            when unreadable_amount in ('no usage amount', 'usage amount is not a number') then 'invalid_row'
        end as line_status,
        case
            when is_usage is null then 'line type not known: ' || coalesce(charge_type, 'none') || '; cost only'
            when not is_usage then 'not a usage line (tax, credit, refund, fee, discount or purchase): cost only'
            when usage_date is null then 'usage date cannot be read'
            when account_id is null then 'no account'
            when usage_month is null then 'billing period cannot be read'
            when unreadable_amount = 'cost is not a number' then 'the cost of the line cannot be read'
            else unreadable_amount
        end as line_status_reason
    from counted
)

select
    'microsoft_foundry' as source,
    checked.source_delivery,
    checked.usage_date,
    checked.usage_month,
    cast(null as string) as billing_account_id,
    checked.account_id,
    checked.resource_id,
    tag_groups.team,
    tag_groups.tags_json,
    checked.meter_name,
    meters.model_name_raw,
    meters.model_id,
    meters.model_variant,
    case
        when meters.meter_class in ('image', 'video') then meters.class_modality
        else coalesce(meters.model_modality, meters.class_modality)
    end as modality,
    meters.usage_kind,
    meters.service_tier,
    meters.processing_scope,
    case
        when checked.line_status is not null then null
        else checked.usage_amount * coalesce(meters.quantity_per_unit, 1)
    end as quantity,
    case
        when checked.line_status = 'excluded_charge' then null
        when meters.quantity_per_unit is null then coalesce(lower(meters.pricing_unit), 'unknown')
        else meters.quantity_unit
    end as quantity_unit,
    meters.usage_quality,
    checked.cost_amount,
    checked.cost_currency,
    checked.line_count,
    'azure' as cloud_provider,
    meters.region_raw,
    meters.region_source,
    meters.region_billed,
    meters.media_code,
    meters.is_media_assumed,
    meters.is_custom_model,
    checked.line_status,
    checked.line_status_reason,
    meters.meter_status,
    meters.meter_status_reason
from checked
left join meters
    on checked.meter_key = meters.meter_key
left join tag_groups
    on checked.tag_group_key = tag_groups.tag_group_key
