-- One row: files left aside because a newer or a better form of the same usage counts.

select
    count(*) filter (where decision = 'superseded') as superseded,
    count(*) filter (where decision = 'outranked') as outranked,
    count(*) filter (where decision = 'used') as used,
    max(modified_at) as newest_file
from ai_input_deliveries
