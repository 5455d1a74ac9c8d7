{#- Tables of usage keep the rows of a month for as long as nothing the month follows from has changed: the code, the
    variables, and the rating key that the tables before it have for the month (int_usage_months). What each table was
    made from stands in a table beside them, written in the transaction that writes the rows. The models name the tables
    before them in their meta, as months_from. -#}
{% macro months_built() -%}
    {{- return(api.Relation.create(
        database=target.database, schema=generate_schema_name('intermediate', none), identifier='months_built'
    )) -}}
{%- endmacro %}

{#- On-run-start. A table of an earlier version, with other columns, knows nothing that could be kept. -#}
{% macro make_months_built() -%}
    {%- if not execute or reads_tables() -%}{{ return('') }}{%- endif -%}
    {%- set columns = ['model_name', 'usage_month', 'rating_key', 'build_key', 'invocation_id', 'made_at'] -%}
    {#- dbt does not know yet what relations there are. -#}
    {%- set known = run_query(
        "select column_name from information_schema.columns where table_catalog = current_database()"
        ~ " and table_schema = '" ~ months_built().schema ~ "' and table_name = 'months_built' order by ordinal_position"
    ).columns[0].values() | list -%}
    create schema if not exists {{ months_built().without_identifier() }};
    {%- if known and known != columns %}
    drop table {{ months_built() }};
    {%- endif %}
    create table if not exists {{ months_built() }} (
        model_name varchar, usage_month date, rating_key varchar, build_key varchar, invocation_id varchar,
        made_at timestamptz
    )
{%- endmacro %}

{#- On-run-end. What came of a run in which something failed is not kept: the next build makes it anew. -#}
{% macro trust_months_built(results) -%}
    {%- if not execute or reads_tables() or flags.WHICH not in ['build', 'run', 'test', 'retry'] -%}{{ return('') }}{%- endif -%}
    {%- if results | selectattr('status', 'in', ['error', 'fail', 'runtime error']) | list -%}
    update {{ months_built() }} set build_key = null
    {%- elif results | selectattr('node.name', 'equalto', 'fct_ai_emissions') | list -%}
        {%- set counts = run_query(
            "select coalesce(count_if(invocation_id = '" ~ invocation_id ~ "'), 0), count(*) from " ~ months_built()
            ~ " where model_name = 'fct_ai_emissions'"
        ).rows[0] -%}
        {%- do log(
            'Months of usage rated in this run: ' ~ counts[0] ~ '; kept, as nothing they follow from has changed: '
            ~ (counts[1] - counts[0]), info=true
        ) -%}
    {%- endif -%}
{%- endmacro %}

{#- One row per month there is usage of, by the tables this model is made from. -#}
{% macro current_months() -%}
    select
        usage_month,
        string_agg(distinct rating_key, ' ' order by rating_key) as rating_key
    from (
        {%- for name in model.config.meta['months_from'] %}
        {%- if not loop.first %}
        union all
        {%- endif %}
        {%- if name == 'int_usage_months' %}
        select usage_month, rating_key from {{ ref(name) }}
        {%- else %}
        select usage_month, rating_key from {{ months_built() }} where model_name = '{{ name }}'
        {%- endif %}
        {%- endfor %}
    )
    group by usage_month
{%- endmacro %}

{#- The condition of a row of months_built that its month may be kept under. -#}
{% macro is_still_true() -%}
    built.model_name = '{{ this.identifier }}'
    and built.usage_month is not distinct from current_months.usage_month
    and built.rating_key = current_months.rating_key
    and built.build_key = '{{ build_key() }}'
{%- endmacro %}

{#- The months whose rows this table keeps. None where every month has changed, and where the table cannot be told to be of
    this project's shape: it is made anew then. -#}
{% macro kept_months() -%}
    {%- if not execute or reads_tables() or flags.FULL_REFRESH or model.resource_type != 'model'
        or flags.WHICH not in ['build', 'run', 'retry'] -%}
        {{- return([]) -}}
    {%- endif -%}
    {%- set known = load_cached_relation(this) -%}
    {%- if known is none or not known.is_table or load_cached_relation(months_built()) is none -%}
        {{- return([]) -}}
    {%- endif -%}
    {%- set columns = adapter.get_columns_in_relation(known) | map(attribute='name') | sort -%}
    {%- if columns != model.columns.keys() | sort -%}{{- return([]) -}}{%- endif -%}
    {{- return(run_query(
        'select distinct current_months.usage_month from (' ~ current_months() ~ ') as current_months inner join '
        ~ months_built() ~ ' as built on ' ~ is_still_true() ~ ' where current_months.usage_month is not null'
    ).columns[0].values() | list) -}}
{%- endmacro %}

{#- dbt asks this before it adds rows to a table: where no month is kept, making the table anew costs less. -#}
{% macro should_full_refresh() -%}
    {%- if config.get('full_refresh') is not none -%}{{ return(config.get('full_refresh')) }}{%- endif -%}
    {{- return(flags.FULL_REFRESH or ('months_from' in (config.get('meta') or {}) and not kept_months())) -}}
{%- endmacro %}

{#- The condition of rows that this table has to take in: of a month it does not keep, or of none. Months are written out, so
    that the condition reaches the scan of the table below, whatever lies in between. -#}
{% macro is_due(usage_month='usage_month') -%}
    {%- set months = kept_months() -%}
    {%- if not months -%}true{%- else -%}
    not coalesce({{ usage_month }} in (
        {%- for month in months %}date '{{ month }}'{{ ', ' if not loop.last }}{% endfor -%}
    ), false)
    {%- endif -%}
{%- endmacro %}

{#- Pre-hook: forgets the months that will be made anew. -#}
{% macro forget_months() -%}
    {%- if not execute or reads_tables() -%}{{ return('') }}{%- endif -%}
    {%- set months = kept_months() -%}
    delete from {{ months_built() }} as built
    where
        built.model_name = '{{ this.identifier }}'
        {%- if months %}
        and not exists (select 1 from ({{ current_months() }}) as current_months where {{ is_still_true() }});
    delete from {{ this }} as rows_of_this
    where {{ is_due('rows_of_this.usage_month') }}
        {%- endif %}
{%- endmacro %}

{#- Does this run make every model that this one rests on? What a run of some of them makes may rest on tables of an earlier
    state, so no later build may keep it. -#}
{% macro rests_on_this_run() -%}
    {%- set needed = [model.unique_id] -%}
    {%- for name in needed -%}
        {%- for parent in graph.nodes[name].depends_on.nodes if parent.startswith('model.') and parent not in needed -%}
            {%- do needed.append(parent) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(needed | reject('in', selected_resources) | list | length == 0) -}}
{%- endmacro %}

{#- Post-hook: writes down what the new months were made from. -#}
{% macro remember_months() -%}
    {%- if not execute or reads_tables() -%}{{ return('') }}{%- endif -%}
    insert into {{ months_built() }} (model_name, usage_month, rating_key, build_key, invocation_id, made_at)
    select
        '{{ this.identifier }}',
        current_months.usage_month,
        current_months.rating_key,
        {{ "'" ~ build_key() ~ "'" if rests_on_this_run() else 'null' }},
        '{{ invocation_id }}',
        now()
    from ({{ current_months() }}) as current_months
    where not exists (
        select 1 from {{ months_built() }} as built
        where built.model_name = '{{ this.identifier }}' and built.usage_month is not distinct from current_months.usage_month
    )
{%- endmacro %}
