-- One row per model: the size bucket it takes where no figure of its own exists. The class the dataset puts it in
-- wins, then its nominal total size, then the bucket the catalogue assumes.

with

models as (
    select * from {{ ref('models') }}
),

buckets as (
    select * from {{ ref('size_buckets') }}
),

default_rows as (
    select * from {{ ref('model_power_names') }}
),

sized as (
    select
        models.*,
        buckets.size_bucket as bucket_by_size
    from models
    left join buckets
        on
            case
                when buckets.params_b_from is null then true
                when buckets.from_is_inclusive then models.nominal_params_b >= buckets.params_b_from
                else models.nominal_params_b > buckets.params_b_from
            end
            and case
                when buckets.params_b_to is null then models.nominal_params_b is not null
                when buckets.to_is_inclusive then models.nominal_params_b <= buckets.params_b_to
                else models.nominal_params_b < buckets.params_b_to
            end
)

select
    sized.model_id,
    sized.model_name,
    sized.model_provider,
    sized.modality,
    sized.nominal_params_b,
    sized.total_params_b,
    sized.active_params_b,
    case
        when sized.dataset_size_class is not null then 'dataset_class'
        else sized.size_basis
    end as size_basis,
    sized.size_reason,
    sized.size_source,
    sized.default_power_row,
    default_rows.variant as default_variant,
    coalesce(
        sized.dataset_size_class,
        sized.bucket_by_size,
        {% if var('use_assumed_sizes') %}sized.assumed_size_bucket{% else %}null{% endif %}
    ) as size_bucket
from sized
left join default_rows
    on sized.default_power_row = default_rows.model_name_as_published
