-- How much of the number is tokens read from a prompt cache? The method counts them like any token; at a tenth of a
-- token the total would fall by nine tenths of this share (with cache_read_weight 1, which is the method).

with

emissions as (
    select * from {{ ref('fct_ai_emissions') }}
    where status = 'estimated' and modality = 'text'
)

select
    source,
    usage_kind,
    sum(quantity) as tokens,
    sum(quantity) / sum(sum(quantity)) over (partition by source) as share_of_tokens,
    sum(gco2e) / 1000 as kgco2e,
    sum(gco2e) / sum(sum(gco2e)) over (partition by source) as share_of_emissions
from emissions
group by source, usage_kind
order by source asc, kgco2e desc
