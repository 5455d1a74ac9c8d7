{#- How wide a place usage is counted at: location_policy says whether it is the region of the bill, or as wide as the
    request may have been routed. -#}
{% macro place_level(location_policy, processing_scope, cloud_provider) -%}
    case
        -- Where a provider's own API runs is not known.
        when {{ cloud_provider }} = 'direct' then 'world'
        when {{ location_policy }} = 'scope_aware' and {{ processing_scope }} = 'global' then 'world'
        when {{ location_policy }} = 'scope_aware' and {{ processing_scope }} = 'geo' then 'geography'
        else 'region'
    end
{%- endmacro %}
