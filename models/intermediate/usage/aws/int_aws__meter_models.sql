-- One row per meter that says anything about a model: the name it gives and the model that is. Names are tried from
-- the surest source to the weakest and only ever matched whole; a name nobody lists stays unresolved.

with

meters as (
    select * from {{ ref('int_aws__meters') }}
),

aliases as (
    select * from {{ ref('int_model_names') }}
),

product_codes as (
    select * from {{ ref('marketplace_product_codes') }}
),

named as (
    select
        meter_key,
        1 as name_rank,
        resource_model as model_name
    from meters
    union all
    select
        meter_key,
        2 as name_rank,
        model_attribute as model_name
    from meters
    union all
    select
        meter_key,
        3 as name_rank,
        nullif(regexp_extract(product_name, '^(.*?) *[(]Amazon Bedrock Edition[)]', 1), '') as model_name
    from meters
    union all
    -- First-party usage types begin with the model; Marketplace metrics name one at most after created_image.
    select
        meter_key,
        4 as name_rank,
        case
            when is_marketplace then nullif(regexp_extract(metric, '(?i)^created_?image_?(.+)$', 1), '')
            else nullif(regexp_extract(metric, {{ usage_type_model_pattern() }}, 1), '')
        end as model_name
    from meters
    union all
    select
        meters.meter_key,
        5 as name_rank,
        product_codes.model_name
    from meters
    inner join product_codes
        on meters.product_code = product_codes.product_code
),

-- Bedrock model ids carry a date, a version and the length of the context: with them first (a few ids differ only
-- there), then without the context, then without all of them.
spellings as (
    select
        *,
        0 as shortening,
        cast(null as string) as version_date,
        {{ normalised_name('model_name') }} as normalised_name
    from named
    where model_name is not null
    union all
    select
        *,
        1 as shortening,
        cast(null as string) as version_date,
        {{ normalised_name("regexp_replace(model_name, ':([0-9]+k|[0-9]{3}|mm)$', '')") }} as normalised_name
    from named
    where model_name is not null
    union all
    select
        *,
        2 as shortening,
        nullif(regexp_extract(model_name, '-([0-9]{8})(?:-v[0-9]|$)', 1), '') as version_date,
        {{ normalised_name(bedrock_id_without_version('model_name')) }} as normalised_name
    from named
    where model_name is not null
),

resolved as (
    select
        spellings.meter_key,
        spellings.model_name,
        aliases.model_id,
        coalesce(aliases.variant, spellings.version_date) as model_variant,
        row_number() over (
            partition by spellings.meter_key
            order by aliases.model_id is null, spellings.name_rank, spellings.shortening
        ) as choice
    from spellings
    left join aliases
        on spellings.normalised_name = aliases.normalised_name
)

select
    meter_key,
    model_name as model_name_raw,
    model_id,
    model_variant
from resolved
where choice = 1
