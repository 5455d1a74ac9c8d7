-- Grain: setting. What the variables of the build were that decide figures, and which code it was, so that a closed
-- period can say so.

{%- set names = [
    'cache_read_weight', 'use_assumed_sizes', 'min_bucket_members', 'old_figure_days', 'power_jump_factor',
    'power_smoothing_days', 'location_policy', 'grid_level', 'transmission_factor_set', 'aws_form_order',
    'azure_form_order', 'price_check_range', 'proxy_billed_elsewhere', 'team_keys',
] %}

{% for name in names %}
select
    '{{ name }}' as setting,
    {{ sql_text(var(name) if var(name) is string else tojson(var(name))) }} as setting_value
union all
{% endfor %}
select
    setting,
    setting_value
from {{ ref('inputs__code_version') }}
