-- One row: tokens of all AI lines that report them, and the share of tokens of use that is in the number. Training is no
-- use, and what another input bills is counted there.

select
    sum(tokens) as tokens,
    sum(case when status = 'estimated' then tokens end) as tokens_in_number,
    sum(case when status = 'estimated' then tokens end)
    / nullif(sum(case when status not in ('not_model_usage', 'billed_elsewhere') then tokens end), 0) as share
from ai_usage_coverage
