{#- Is a line of an Azure bill about AI models? By its category (renamed twice since 2024), by the resource provider, for
    Marketplace by the maker its texts name, and for services that sell tokens on the side by that word. Never by the
    name of a resource: storage accounts are called gpt-data too. -#}
{% macro is_foundry_line(category, meter, resource_id, texts, consumed_service=none) -%}
    (
            lower(trim({{ category }})) in (
                'cognitive services', 'azure cognitive services', 'azure openai', 'azure openai service', 'azure ai services',
                'azure ai foundry', 'azure ai foundry models', 'foundry models', 'foundry tools', 'microsoft foundry'
            )
            or lower({{ resource_id }}) like '%/providers/microsoft.cognitiveservices/%'
            {%- if consumed_service %}
            or lower(trim({{ consumed_service }})) = 'microsoft.cognitiveservices'
            {%- endif %}
            or (
                (lower(trim({{ category }})) = 'saas' or lower({{ resource_id }}) like '%/providers/microsoft.saas/%')
                and {{ regex_matches(
                    "lower(concat_ws(' ', " ~ ([meter] + texts) | join(', ') ~ "))",
                    "'(openai|anthropic|claude|mistral|llama|deepseek|grok|xai|cohere|paygo-(finetuned-model-)?inf|\\bphi-?[0-9])'"
                ) }}
            )
            or (
                {{ regex_matches("lower(" ~ category ~ ")", "'machine learning|cognitive search|ai search|defender'") }}
                and {{ regex_matches("lower(" ~ meter ~ ")", "'\\btokens?\\b'") }}
            )
        )
{%- endmacro %}
