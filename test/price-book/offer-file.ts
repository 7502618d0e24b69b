/** A product of the price list, with its price. */
export interface ListedProduct {
  readonly usagetype: string;
  readonly unit: string;
  readonly usd: string;
  /** Attributes beside the usage type; the Region is `us-east-1` unless it is said. */
  readonly attributes?: Readonly<Record<string, string>>;
  readonly description?: string;
  /** Day from which the price holds; the list has the first of a month. */
  readonly from?: string;
}

const DESCRIPTION = 'AWS Marketplace software usage|us-east-1';

/**
 * A file of the AWS Price List Bulk API, as it is published for a service and a Region.
 *
 * @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html
 */
export function offerFile(offerCode: string, listed: readonly ListedProduct[]): object {
  const termCode = offerCode === 'AmazonBedrockFoundationModels' ? '4799GE89SK' : 'JRTCKXETXF';
  const products: Record<string, object> = {};
  const onDemand: Record<string, object> = {};
  listed.forEach(({ usagetype, unit, usd, attributes, description = `${DESCRIPTION}|${usagetype}`, from = '2026-11-01' }, index) => {
    const sku = `SKU${String(index).padStart(13, '0')}`;
    products[sku] = {
      sku,
      ...offerCode === 'AmazonBedrockFoundationModels' ? {} : { productFamily: 'Amazon Bedrock' },
      attributes: {
        servicecode: offerCode, location: 'US East (N. Virginia)', locationType: 'AWS Region', usagetype, operation: '', regionCode: 'us-east-1', ...attributes,
      },
    };
    onDemand[sku] = {
      [`${sku}.${termCode}`]: {
        offerTermCode: termCode,
        sku,
        effectiveDate: `${from}T00:00:00Z`,
        priceDimensions: {
          [`${sku}.${termCode}.6YS6EN2CT7`]: {
            rateCode: `${sku}.${termCode}.6YS6EN2CT7`, description, beginRange: '0', endRange: 'Inf', unit, pricePerUnit: { USD: usd }, appliesTo: [],
          },
        },
        termAttributes: {},
      },
    };
  });
  return {
    formatVersion: 'v1.0',
    disclaimer: 'This pricing list is for informational purposes only.',
    offerCode,
    version: '20261120202025',
    publicationDate: '2026-11-20T20:20:25Z',
    products,
    terms: { OnDemand: onDemand },
    attributesList: {},
  };
}

/** A product as `AmazonBedrock` has it: the model and what is counted are attributes. */
export function direct(usagetype: string, usd: string, attributes: Readonly<Record<string, string>> = {}, unit = '1K tokens'): ListedProduct {
  return { usagetype, unit, usd, attributes: { servicename: 'Amazon Bedrock', ...attributes } };
}

/** A product as `AmazonBedrockFoundationModels` has it: the model is the product, and the rest is in the usage type. */
export function marketplace(counted: string, usd: string, model = 'Claude Opus 4.7', unit = '1M tokens'): ListedProduct {
  return { usagetype: `USE1-MP:USE1_${counted}-Units`, unit, usd, attributes: { servicename: `${model} (Amazon Bedrock Edition)` } };
}
