-- Grain: setting. What the variables of the build were that decide figures, so that a closed period can say so.

{%- set names = [
    'cache_read_weight', 'use_assumed_sizes', 'min_bucket_members', 'old_figure_days', 'power_jump_factor',
    'power_smoothing_days', 'location_policy', 'grid_level', 'transmission_factor_set', 'aws_form_order', 'proxy_billed_elsewhere',
    'team_keys',
] %}

{% for name in names %}
select
    '{{ name }}' as setting,
    {{ sql_text(var(name) if var(name) is string else tojson(var(name))) }} as setting_value
{% if not loop.last %}union all{% endif %}
{% endfor %}
