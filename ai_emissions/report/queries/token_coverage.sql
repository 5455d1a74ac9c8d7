-- One row: tokens of all AI lines that report them, and those in the number.

select
    sum(tokens) as tokens,
    sum(case when status = 'estimated' then tokens end) as tokens_in_number,
    sum(case when status = 'estimated' then tokens end) / nullif(sum(tokens), 0) as share
from ai_usage_coverage
