-- One row per meter: class, direction, tier and scope by the first rule of usage_type_rules that matches each
-- facet.

with

meters as (
    select * from {{ ref('int_aws__meters') }}
),

rules as (
    select * from {{ ref('usage_type_rules') }}
),

matches as (
    select
        meters.meter_key,
        rules.facet,
        rules.value,
        row_number() over (partition by meters.meter_key, rules.facet order by rules.rank) as match_rank
    from meters
    inner join rules
        on
            {{ regex_matches("""lower(
                case rules.attribute
                    when 'usage_type' then meters.metric
                    when 'product_name' then meters.product_name
                    when 'product_code' then meters.product_code
                end
            )""", 'rules.pattern') }}
),

first_matches as (
    select
        meter_key,
        max(case when facet = 'class' then value end) as meter_class,
        max(case when facet = 'direction' then value end) as direction,
        max(case when facet = 'tier' then value end) as service_tier,
        max(case when facet = 'scope' then value end) as processing_scope,
        max(case when facet = 'measure' then value end) as measure,
        max(case when facet = 'context' then value end) as context_band,
        max(case when facet = 'customisation' then value end) as customisation
    from matches
    where match_rank = 1
    group by meter_key
)

select
    meters.meter_key,
    coalesce(first_matches.meter_class, 'unknown') as meter_class,
    -- An embedding metric without a direction counts what is read.
    case
        when first_matches.meter_class = 'embedding' then coalesce(first_matches.direction, 'input')
        else first_matches.direction
    end as direction,
    -- What the meter counts where that is not what its class usually counts.
    first_matches.measure,
    coalesce(first_matches.service_tier, 'standard') as service_tier,
    -- A geographic profile is billed like regional use: only the ARN tells.
    coalesce(first_matches.processing_scope, meters.resource_scope, 'regional') as processing_scope,
    first_matches.context_band is not null as is_long_context,
    first_matches.customisation is not null as is_custom_model
from meters
left join first_matches
    on meters.meter_key = first_matches.meter_key
