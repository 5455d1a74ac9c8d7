{{ config(pre_hook="{{ list_input_files() }}") }}

-- One row per file below an input location, whether it will be read or not. Only names, sizes and times are looked
-- at.

with

layouts as (
    select * from {{ ref('export_layouts') }}
),

locations as (
    {% for input_form, location in input_locations().items() %}
    select
        '{{ input_form }}' as input_form,
        {{ sql_text(location) }} as location
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

listed as (
    select
        file_path,
        file_bytes,
        modified_at
    from {{ input_listing() }}
),

-- Locations may lie inside each other: the longest one that fits owns the file.
located as (
    select
        listed.*,
        locations.input_form,
        substr(listed.file_path, length(locations.location) + 2) as relative_path,
        row_number() over (
            partition by listed.file_path
            order by length(locations.location) desc, locations.input_form
        ) as location_rank
    from listed
    inner join locations
        on substr(listed.file_path, 1, length(locations.location) + 1) = locations.location || '/'
),

-- Every layout ends in a pattern that fits any path, so each file gets exactly one.
matched as (
    select
        located.*,
        layouts.layout,
        nullif(regexp_extract(located.relative_path, layouts.path_pattern, 1), '') as folder,
        regexp_extract(located.relative_path, layouts.path_pattern, 2) as period_text,
        nullif(regexp_extract(located.relative_path, layouts.path_pattern, 3), '') as run_folder,
        row_number() over (partition by located.file_path order by layouts.rank) as layout_rank
    from located
    inner join layouts
        on
            located.input_form = layouts.input_form
            and {{ regex_matches('located.relative_path', 'layouts.path_pattern') }}
    where located.location_rank = 1
),

reading_code as (
    select setting_value as reading_sha256 from {{ ref('inputs__code_version') }}
    where setting = 'reading_sha256'
),

named as (
    select
        input_form,
        layout,
        file_path,
        regexp_extract(relative_path, '[^/]+$', 0) as file_name,
        {{ input_file_kind('relative_path') }} as file_kind,
        -- Data and manifests of one export lie side by side in folders of those names.
        nullif(regexp_replace(coalesce(folder, ''), '(^|/)(data|metadata)$', ''), '') as export_path,
        try_cast(
            regexp_extract(period_text, '[0-9]{4}', 0) || '-'
            || lpad(regexp_extract(period_text, '[0-9]{4}(?:-|/month=)?([0-9]{1,2})', 1), 2, '0') || '-'
            -- Pay-as-you-go periods of Azure and exports of chosen days may begin within a month.
            || coalesce(nullif(regexp_extract(period_text, '^[0-9]{6}([0-9]{2})-', 1), ''), '01') as date
        ) as billing_period,
        run_folder,
        file_bytes,
        modified_at
    from matched
    where layout_rank = 1
)

select
    named.*,
    -- Changes whenever the file might give other rows: it is then read again.
    {{ row_key([
        'named.file_path', 'named.file_bytes', 'named.modified_at', 'named.input_form', 'named.layout',
        'named.export_path', 'named.billing_period', 'named.run_folder', 'reading_code.reading_sha256',
    ]) }} as read_key
from named
cross join reading_code
