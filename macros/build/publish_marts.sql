{#- After a build: copies every mart to the export folder, one Parquet file each, if and only if every mart was built and
    every test passed in this very run. Readers of the files so never see the figures of a failed build; DuckDB writes each
    copy beside the file and renames it, so they never see half a file either. Unit tests may be left out of a run
    (--exclude-resource-type unit_test): they look at rules, not at data. -#}
{% macro publish_marts(results) %}
    {%- if not execute or flags.WHICH != 'build' -%}{{ return('') }}{%- endif -%}
    {#- On a lake the tables of the schema marts are what is published. -#}
    {%- if reads_tables() -%}{%- do log_problems(results) -%}{{ return('') }}{%- endif -%}
    {%- set passed = [] -%}
    {%- for result in results if result.status in ['success', 'pass', 'warn', 'no-op'] -%}
        {%- do passed.append(result.node.unique_id) -%}
    {%- endfor -%}
    {%- set marts = [] -%}
    {%- set missing = [] -%}
    {%- for node in graph.nodes.values() -%}
        {%- if node.resource_type == 'model' and node.fqn[1] == 'marts' -%}
            {%- do marts.append(node) -%}
        {%- endif -%}
        {%- if node.resource_type in ['model', 'test', 'seed'] and node.unique_id not in passed -%}
            {%- do missing.append(node.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for result in results if result.status in ['error', 'fail', 'runtime error'] -%}
        {%- do missing.append(result.node.name) -%}
    {%- endfor -%}
    {%- do log_problems(results) -%}
    {%- if missing -%}
        {%- do log(
            'Marts not published: ' ~ missing | unique | list | length ~ ' of the models and tests of the project did not pass in this run. '
            ~ var('export_dir') ~ ' keeps the last good ones. Correct what stands above, then run a whole dbt build.', info=true
        ) -%}
        {%- for result in results if result.status in ['error', 'runtime error']
            and result.node.fqn[1] in ['inputs', 'staging'] and 'closed' not in result.node.name -%}
            {%- do log(
                'The message above names an input file that cannot be read: cut off, not what its name says, or with a line that has more '
                ~ 'or fewer fields than the header. Deliver it again, or move it out of the input folder.',
                info=true
            ) -%}
            {%- break -%}
        {%- endfor -%}
        {{ return('') }}
    {%- endif -%}
    {%- for mart in marts -%}
        {%- set file = var('export_dir').rstrip('/') ~ '/' ~ mart.name ~ '.parquet' -%}
        {#- No reader is promised an order of rows, and keeping it takes a third longer. -#}
        {%- do run_query(
            'copy (select * from ' ~ mart.relation_name ~ ') to ' ~ sql_text(file)
            ~ ' (format parquet, compression zstd, preserve_order false)'
        ) -%}
    {%- endfor -%}
    {%- do log('Published ' ~ marts | length ~ ' marts to ' ~ var('export_dir'), info=true) -%}
{% endmacro %}

{#- What the tests of tests/data found, a line each: they select it as a column "problem". -#}
{% macro log_problems(results) %}
    {%- for result in results if result.status in ['warn', 'fail'] and ' as problem' in (result.node.compiled_code or '') -%}
        {%- set problems = run_query(result.node.compiled_code).columns['problem'].values() -%}
        {%- for problem in problems[:10] -%}
            {%- do log(('WARNING ' if result.status == 'warn' else 'ERROR ') ~ problem, info=true) -%}
        {%- endfor -%}
        {%- if problems | length > 10 -%}
            {%- do log('... and ' ~ (problems | length - 10) ~ ' more of ' ~ result.node.name, info=true) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}
