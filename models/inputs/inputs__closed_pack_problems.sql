-- One row per fault of a closed period, as a message for the person who runs the build: a file that is not as it was
-- written, added or missing, a pack that was moved, a revision that is gone. close_period.py --verify says the same.

with

files as (
    select * from {{ ref('inputs__closed_files') }}
),

manifests as (
    select * from {{ ref('inputs__closed_manifests') }}
),

sealed as (
    select * from manifests
    where is_sealed
),

listed as (
    select
        pack_path,
        entry_key as file_name,
        entry_value as sha256
    from ({{ json_entries('sealed', 'pack_path', 'files_json') }}) as entries
),

found as (
    select files.*
    from files
    inner join manifests
        on files.pack_path = manifests.pack_path
    where manifests.is_sealed and files.file_name <> 'manifest.json'
),

-- What has to be there: every revision that left a seal, and every one that another revision follows.
expected as (
    select
        regexp_replace(file_path, '/seals/[^/]+$', '') || '/period=' || period || '/revision='
        || cast(closed_revision as string) as pack_path,
        period,
        closed_revision,
        trim(replace(file_text, chr(10), '')) as seal_sha256
    from files
    where pack_path is null
    union all
    select
        regexp_replace(pack_path, '[0-9]+$', cast(closed_revision - 1 as string)) as pack_path,
        period,
        closed_revision - 1 as closed_revision,
        previous_seal_sha256 as seal_sha256
    from manifests
    where closed_revision > 1 and is_sealed
),

unlisted_packs as (
    select distinct pack_path || '/manifest.json: missing from the pack. Restore it.' as problem
    from files
    where pack_path is not null and pack_path not in (select manifests.pack_path from manifests)
),

manifest_faults as (
    select
        case
            when not is_sealed
                then file_path || ': changed since the period was closed. Restore the pack from a copy.'
            else
                pack_path || ': holds revision ' || cast(manifest_revision as string) || ' of ' || manifest_period
                || ': it was moved. Move it back.'
        end as problem
    from manifests
    where
        not is_sealed
        or manifest_period is distinct from period
        or manifest_revision is distinct from closed_revision
),

file_faults as (
    select
        coalesce(found.file_path, listed.pack_path || '/' || listed.file_name)
        || case
            when found.file_path is null then ': missing from the pack. Restore it.'
            when listed.file_name is null then ': added to the pack. Take it away.'
            else ': changed since the period was closed. Restore the pack from a copy.'
        end as problem
    from listed
    full outer join found
        on listed.pack_path = found.pack_path and listed.file_name = found.file_name
    where found.sha256 is distinct from listed.sha256
),

missing_revisions as (
    select
        expected.pack_path
        || ': this closed revision is gone, or is not the one that was closed. Restore the pack from a copy.' as problem
    from expected
    left join manifests
        on
            expected.period = manifests.period
            and expected.closed_revision = manifests.closed_revision
    where
        expected.seal_sha256 is distinct from manifests.seal_sha256
        and coalesce(manifests.is_sealed, true)
)

select problem from unlisted_packs
union
select problem from manifest_faults
union
select problem from file_faults
union
select problem from missing_revisions
