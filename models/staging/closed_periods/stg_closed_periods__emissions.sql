{{ config(
    materialized='table',
    pre_hook="{{ set_file_list('closed_files', 'true', ref('inputs__closed_packs'), template_path('closed_emissions', 'parquet')) }}"
) }}

-- Fact rows of closed periods, all revisions. Grain: revision x closed fact row. A row of another month than its pack
-- stops the build.

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
    power_basis,
    power_figure_id,
    wh_per_unit,
    psu_factor,
    pue,
    transmission_factor,
    region_billed,
    region_used,
    carbon_intensity_gco2e_per_kwh,
    it_kwh,
    kwh,
    gco2e
from {{ closed_emission_rows() }}
where
    case
        when {{ month_text('usage_month') }} = regexp_extract(file_path, '/period=([^/]+)/revision=', 1) then true
        else {{ stop_build() }}(
            file_path || ': holds rows of another month than the one it closes. Restore the pack from a copy.'
        )
    end
