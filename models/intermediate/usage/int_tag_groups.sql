-- One row per distinct set of tags and cost categories: the tags as one JSON object with keys in one spelling, and
-- the team, which is the first of the var team_keys that has a value among the tags, then among the cost
-- categories.

with

tag_groups as (
    select
        tag_group_key,
        tags,
        cost_categories
    from {{ ref('int_aws__usage_lines') }}
    union
    select
        tag_group_key,
        tags,
        cost_categories
    from {{ ref('int_azure__usage_lines') }}
),

entries as (
    select
        tag_group_key,
        'tag' as entry_kind,
        {{ tag_key('entry_key') }} as entry_key,
        {{ blank_to_null('entry_value') }} as entry_value
    from ({{ json_entries('tag_groups', 'tag_group_key', 'tags') }}) as tag_entries
    union all
    select
        tag_group_key,
        'cost_category' as entry_kind,
        {{ tag_key('entry_key') }} as entry_key,
        {{ blank_to_null('entry_value') }} as entry_value
    from ({{ json_entries('tag_groups', 'tag_group_key', 'cost_categories') }}) as category_entries
),

-- Two spellings of one key in one set: the first value in alphabet order, so that every build says the same.
distinct_entries as (
    select
        tag_group_key,
        entry_kind,
        entry_key,
        min(entry_value) as entry_value
    from entries
    where entry_value is not null
    group by tag_group_key, entry_kind, entry_key
),

team_keys as (
    {% for key in var('team_keys') %}
    select
        {{ tag_key(sql_text(key)) }} as entry_key,
        {{ loop.index }} as key_rank
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

teams as (
    select
        distinct_entries.tag_group_key,
        distinct_entries.entry_value as team,
        row_number() over (
            partition by distinct_entries.tag_group_key
            order by distinct_entries.entry_kind = 'cost_category', team_keys.key_rank
        ) as choice
    from distinct_entries
    inner join team_keys
        on distinct_entries.entry_key = team_keys.entry_key
),

tag_objects as (
    select
        tag_group_key,
        {{ json_object_of('entry_key', 'entry_value') }} as tags_json
    from distinct_entries
    where entry_kind = 'tag'
    group by tag_group_key
)

select
    tag_groups.tag_group_key,
    tag_objects.tags_json,
    teams.team
from tag_groups
left join tag_objects
    on tag_groups.tag_group_key = tag_objects.tag_group_key
left join teams
    on
        tag_groups.tag_group_key = teams.tag_group_key
        and teams.choice = 1
