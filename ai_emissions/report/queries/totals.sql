-- One row: what the whole period came to, and when it was.

select
    sum(kwh) as kwh,
    sum(gco2e) as gco2e,
    sum(gco2e_low) as gco2e_low,
    sum(gco2e_high) as gco2e_high,
    sum(case when status = 'estimated' then tokens end) as tokens,
    sum(case when status = 'estimated' then images end) as images,
    sum(case when status = 'estimated' then video_seconds end) as video_seconds,
    (select min(usage_date) from fct_ai_emissions) as first_day,
    (select max(usage_date) from fct_ai_emissions) as last_day,
    count(distinct usage_month) as month_count,
    max(usage_month) as last_month
from ai_emissions_by_model_region_month
