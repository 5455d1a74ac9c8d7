{#- Is a line of an AWS bill about Bedrock? Claude and other Marketplace models stand under opaque product codes and are
    found by their product name, or by a code somebody has seen (marketplace_product_codes). Split cost allocation lines
    repeat their parent and are left out. The columns are those of CUR unless told otherwise. -#}
{% macro is_bedrock_line(
    product_name,
    product_code='line_item_product_code',
    product_family='product_product_family',
    operation='line_item_operation',
    resource_id='line_item_resource_id',
    billing_entity='bill_billing_entity',
    split_parent='split_line_item_parent_resource_id'
) -%}
    (
                {{ product_code }} in (
                    'AmazonBedrock', 'AmazonBedrockService', 'AmazonBedrockFoundationModels', 'AmazonBedrockAgentCore'
                )
                or (
                    (
                        coalesce({{ billing_entity }}, '') in ('', 'AWS Marketplace')
                        or {{ is_opaque_product_code(product_code) }}
                    )
                    and (
                        contains(lower({{ product_name }}), 'bedrock')
                        or {{ is_listed_product_code(product_code) }}
                    )
                )
                {%- if product_family %}
                or {{ product_family }} = 'Amazon Bedrock'
                {%- endif %}
                or {{ operation }} in ('InvokeModelInference', 'InvokeModelStreamingInference')
                or {{ resource_id }} like 'arn:aws%:bedrock:%'
            )
            {%- if split_parent %}
            and coalesce({{ split_parent }}, '') in ('', 'NULL', 'null')
            {%- endif %}
{%- endmacro %}

{#- Marketplace products have codes of about 25 small letters and digits; those of AWS begin with the name of a service. -#}
{% macro is_opaque_product_code(product_code) -%}
    (length({{ product_code }}) > 20 and {{ product_code }} = lower({{ product_code }}))
{%- endmacro %}
