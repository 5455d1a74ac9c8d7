-- One row: how many of the billing and telemetry files in use are the shipped sample or call themselves synthetic.

select
    count(*) as file_count,
    count(*) filter (
        where regexp_matches(replace(file_path, '\', '/'), '(^|/)sample_data/') or contains(lower(file_path), 'synthetic')
    ) as synthetic_count
from ai_input_deliveries
where decision = 'used' and input_form <> 'model_power'
