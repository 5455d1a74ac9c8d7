{#- Pre-hooks of a reading model: the Marketplace products known by their code, and the files it reads, each list headed by the zero-row template, so that every column
    exists and an input without files is zero rows. -#}
{% macro set_reader_files(reader) %}
    {%- if reads_tables() -%}{{ return('') }}{%- endif -%}
    {%- for file_format in ['parquet', 'csv'] %}
    {{ set_file_list(
        file_format ~ '_files',
        "reader = '" ~ reader ~ "' and file_kind = '" ~ file_format ~ "' and " ~ not_read_yet(),
        ref('inputs__read_files'),
        first_path=template_path(reader, file_format)
    ) }};
    {%- endfor %}
    set variable marketplace_product_codes = (
        select coalesce(list(product_code order by product_code), []) from {{ ref('marketplace_product_codes') }}
    )
{% endmacro %}
