-- One row per data file: read it or leave it, and why.

{%- set reading_settings = tojson([var('price_check_range'), var('foreign_price_check_range')]) %}

with

file_versions as (
    select * from {{ ref('inputs__file_versions') }}
),

deliveries as (
    select * from {{ ref('inputs__deliveries') }}
),

decided as (
    select
        file_versions.*,
        deliveries.outranked_by,
        deliveries.form_rank,
        case
            when not file_versions.is_newest then 'superseded'
            when deliveries.outranked_by is not null then 'outranked'
            else 'used'
        end as decision
    from file_versions
    left join deliveries
        on
            file_versions.input_form = deliveries.input_form
            and file_versions.export_path is not distinct from deliveries.export_path
            and file_versions.billing_period is not distinct from deliveries.billing_period
),

named as (
    select
        input_form,
        layout,
        -- Legacy reports spell their columns differently in CSV and in Parquet.
        case
            when input_form = 'aws_cur_legacy' and file_kind = 'csv' then 'aws_cur_legacy_csv'
            when input_form = 'aws_cur_legacy' then 'aws_cur_legacy_parquet'
            when delivery_form = 'azure_focus' then delivery_form
            else input_form
        end as reader,
        delivery_form,
        form_rank,
        file_path,
        file_name,
        file_kind,
        export_path,
        billing_period,
        run_folder,
        version,
        manifest_path,
        file_bytes,
        modified_at,
        read_key as file_key,
        concat_ws(
            ':', input_form, export_path, regexp_replace(cast(billing_period as string), '-01$', ''), version
        ) as source_delivery,
        decision,
        case
            when input_form = 'model_power' then 'a snapshot, in force from its day on'
            when input_form = 'ai_proxy' then 'telemetry, each record counted once by the compaction'
            when decision = 'superseded' and manifest_path is not null then 'not listed in ' || manifest_path
            when decision = 'superseded' then 'a newer run of this export and billing period is there'
            when decision = 'outranked'
                then
                    'the same billing period is there as ' || outranked_by || ', which comes first in '
                    || split_part(input_form, '_', 1) || '_form_order'
            when manifest_path is not null then 'listed in ' || manifest_path
            when run_folder is not null then 'newest run of this export and billing period'
            else 'only version of this export and billing period'
        end as decision_reason
    from decided
)

select
    {{ all_but(['file_key']) }},
    -- With what the delivery and the settings say about its lines, so that rows once read can be kept.
    {{ row_key(['file_key', 'reader', 'source_delivery', "'" ~ reading_settings ~ "'"]) }} as read_key
from named
