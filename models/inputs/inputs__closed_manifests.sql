-- One row per pack of a closed period: what its manifest says, and whether the seal in it fits its text. The seal is
-- the hash of the text with an empty seal (ai_emissions/closing/pack.py).

with

manifests as (
    select
        *,
        case when {{ is_json('file_text') }} then file_text end as manifest
    from {{ ref('inputs__closed_files') }}
    where file_name = 'manifest.json'
),

sealed as (
    select
        *,
        {{ json_text('manifest', 'seal_sha256') }} as seal_sha256
    from manifests
)

select
    pack_path,
    file_path,
    period,
    closed_revision,
    {{ json_text('manifest', 'period') }} as manifest_period,
    try_cast({{ json_text('manifest', 'revision') }} as integer) as manifest_revision,
    {{ json_text('manifest', 'previous_seal_sha256') }} as previous_seal_sha256,
    {{ json_text('manifest', 'files') }} as files_json,
    seal_sha256,
    coalesce(
        {{ sha256_text(
            "replace(file_text, '\"seal_sha256\": \"' || seal_sha256 || '\"', '\"seal_sha256\": \"\"')"
        ) }} = seal_sha256,
        false
    ) as is_sealed
from sealed
