{{ config(materialized='table', pre_hook="{{ list_closed_files() }}") }}

-- Fact rows of closed periods, all revisions. Grain: revision x closed fact row.

select
    cast(regexp_extract(file_path, 'revision=([0-9]+)', 1) as integer) as closed_revision,
    usage_month,
    usage_date,
    source,
    source_delivery,
    account_id,
    resource_id,
    tags_json,
    meter_name,
    model_name_raw,
    model_id,
    quantity,
    line_count,
    cost_amount,
    cost_currency,
    status,
    power_figure_id,
    wh_per_unit,
    psu_factor,
    pue,
    transmission_factor,
    region_billed,
    region_used,
    carbon_intensity_gco2e_per_kwh,
    kwh,
    gco2e
from
    read_parquet(
        getvariable('closed_files'), union_by_name = true, filename = 'file_path', hive_partitioning = false
    )
where usage_month is not null
