{{ config(
    materialized='incremental',
    pre_hook=[
        "{{ forget_files(ref('inputs__read_files')) }}",
        "{{ set_file_list('parquet_files', \"reader = 'model_power' and \" ~ not_read_yet(), ref('inputs__read_files'), template_path('model_power', 'parquet')) }}",
    ]
) }}

-- Snapshots of the live power dataset, as scripts/load_model_power.py writes them. Grain: file x published model
-- name x API id x prompt length.

with

files as (
    select * from {{ ref('inputs__read_files') }}
    where reader = 'model_power' and {{ not_read_yet() }}
),

snapshots as (
    select
        file_path,
        cast(measured_on as date) as measured_on,
        model_name_as_published,
        api_id,
        model_id,
        variant,
        provider,
        host,
        hardware,
        author_size_class,
        prompt_length,
        coalesce(prompt_length_used, 'medium') as prompt_length_used,
        cast(input_tokens as integer) as input_tokens,
        cast(output_tokens as integer) as output_tokens,
        cast(energy_wh_mean as double) as energy_wh_mean,
        cast(energy_wh_std as double) as energy_wh_std,
        cast(pue_included as double) as pue_included,
        cast(wh_per_token as double) as wh_per_token,
        cast(values_unchanged_since as date) as values_unchanged_since,
        source,
        coalesce(cast(revision as integer), 1) as revision
    from {{ input_rows('model_power') }}
)

select
    files.read_key,
    snapshots.*
from files
inner join snapshots
    on files.file_path = snapshots.file_path
