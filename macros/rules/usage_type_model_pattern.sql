{#- The part of a first-party usage type that names the model: everything before the first word that does not. A small
    text- is a modality, a capital Text- belongs to the name of a Titan model. -#}
{% macro usage_type_model_pattern() -%}
    '(?i)^(.+?)[-_](?:mantle|(?-i:text)-(?:in|out)put|speech|audio|input|output|cached?|response|[ti]2[iv]|(?:low|med|high)fps|latency-?optimi[sz]ed|provisionedthroughput|customization|model-customization|rft|custommodelimport|reserved|search-?units?)(?:[-_]|$)'
{%- endmacro %}
