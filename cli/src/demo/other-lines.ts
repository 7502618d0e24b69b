import { type BillLine, cents } from './bill-line';
import type { Month } from './simulate-calls';
import { ACCOUNTS, billedCallerArn, PAYER, type RegionName, REGIONS, type Who } from './world';

const HOUR = 3_600_000;
const DAY = 86_400_000;

const CHECKOUT: Who = { kind: 'role', name: 'CheckoutAssistant', session: 'task-1' };
const CHECKOUT_TAGS = { 'iamPrincipal/team': 'payments', 'iamPrincipal/service': 'checkout-assistant', 'iamPrincipal/env': 'prod' };
const BEDROCK = { product_name: 'Amazon Bedrock' };

interface Item {
  readonly account: string;
  readonly region: RegionName;
  /** Usage type behind the Region's code. */
  readonly usage: string;
  readonly unit: string;
  readonly amount: number;
  readonly rate: number;
  /** Days of the month on which it is used. */
  readonly days: readonly [first: number, last: number];
  /** Hours of those days. */
  readonly hours: readonly number[];
  readonly productCode?: string;
  readonly product?: Readonly<Record<string, string>>;
  readonly caller?: Who;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Bedrock spend that no token explains. */
const NOT_TOKENS: readonly Item[] = [
  // enforced all the same: a guardrail's lines carry the caller
  { account: ACCOUNTS.shop, region: 'us-east-1', usage: 'Guardrail-ContentPolicyUnitsConsumed', unit: 'TextUnits', amount: 900, rate: 0.00015, days: [1, 31], hours: [9, 15], caller: CHECKOUT, tags: CHECKOUT_TAGS },
  { account: ACCOUNTS.labs, region: 'us-east-1', usage: 'Guardrail-ContentPolicyUnitsConsumed', unit: 'TextUnits', amount: 2_000, rate: 0.00015, days: [1, 31], hours: [12], caller: { kind: 'role', name: 'LlmGateway', session: 'gateway' }, tags: { 'iamPrincipal/env': 'prod' } },
  { account: ACCOUNTS.shop, region: 'us-east-1', usage: 'NovaMicro-ProvisionedThroughput-ModelUnits', unit: 'hours', amount: 1, rate: 2.54, days: [6, 6], hours: [8, 9, 10, 11, 12, 13, 14, 15], tags: { 'resourceTags/team': 'trust' } },
  { account: ACCOUNTS.labs, region: 'us-east-1', usage: 'MP:USE1_Reserved_1Month_InputTPM_Geo-Units', unit: 'TPM-Hour', amount: 60, rate: 0.004, days: [1, 31], hours: [0], productCode: '7zgyu5r4example46sonnet', product: { product_name: 'Claude Sonnet 4.6 (Amazon Bedrock Edition)' } },
  { account: ACCOUNTS.insights, region: 'us-west-2', usage: 'CustomModelImport-Inference-v1:0', unit: 'CMU-Minutes', amount: 35, rate: 0.0785, days: [12, 13], hours: [10, 11] },
  { account: ACCOUNTS.shop, region: 'us-west-2', usage: 'NovaCanvas-T2I-1024-Standard', unit: 'created_image', amount: 60, rate: 0.04, days: [20, 22], hours: [8], caller: { kind: 'role', name: 'Banners', session: 'svc' }, tags: { 'resourceTags/service': 'banners' } },
  { account: ACCOUNTS.insights, region: 'us-west-2', usage: 'Rerank-v1-search_units', unit: 'search_units', amount: 400, rate: 0.001, days: [4, 25], hours: [11] },
  { account: ACCOUNTS.labs, region: 'us-east-1', usage: 'Runtime-Consumption-vCPU-Hours', unit: 'vCPU-Hours', amount: 5, rate: 0.0895, days: [1, 31], hours: [13], productCode: 'AmazonBedrockAgentCore', product: { product_name: 'Amazon Bedrock AgentCore' } },
];

/** Lines that a report must not take for Bedrock, one of them from the Marketplace. */
const FOREIGN: readonly Item[] = [
  { account: ACCOUNTS.shop, region: 'us-east-1', usage: 'BoxUsage:m7g.large', unit: 'Hrs', amount: 1, rate: 0.0816, days: [1, 31], hours: [0, 12], productCode: 'AmazonEC2', product: { product_name: 'Amazon Elastic Compute Cloud' }, tags: { 'resourceTags/team': 'payments' } },
  { account: ACCOUNTS.insights, region: 'eu-west-1', usage: 'TimedStorage-ByteHrs', unit: 'GB-Mo', amount: 12.5, rate: 0.023, days: [1, 31], hours: [0], productCode: 'AmazonS3', product: { product_name: 'Amazon Simple Storage Service' } },
  { account: ACCOUNTS.labs, region: 'us-east-1', usage: 'MP:USE1_Hosts-Units', unit: 'Units', amount: 3, rate: 15, days: [1, 1], hours: [0], productCode: '9q2exampleobservability', product: { product_name: 'Observability Pro' } },
];

/** What the bill has beside token usage. */
export function otherLines(month: Month): BillLine[] {
  return [
    ...NOT_TOKENS.flatMap(item => itemLines(month, item, 'bedrock')),
    ...FOREIGN.flatMap(item => itemLines(month, item, 'foreign')),
    ...monthlyLines(month),
  ];
}

function itemLines(month: Month, item: Item, kind: BillLine['kind']): BillLine[] {
  const { account, region, caller, productCode = 'AmazonBedrock', product = BEDROCK } = item;
  const isMarketplace = item.usage.startsWith('MP:');
  const days = Array.from({ length: Math.min(item.days[1], month.days) - item.days[0] + 1 }, (_, index) => item.days[0] - 1 + index);
  return days.flatMap(day => item.hours.map((hour): BillLine => {
    const start = month.start + day * DAY + hour * HOUR;
    return {
      kind,
      meaning: null,
      caller: caller ?? null,
      account,
      region,
      start,
      end: start + HOUR,
      lineType: 'Usage',
      usd: cents(item.amount * item.rate),
      usageType: `${REGIONS[region]}-${item.usage}`,
      amount: item.amount,
      unit: item.unit,
      productCode,
      billingEntity: isMarketplace ? 'AWS Marketplace' : 'AWS',
      description: `$${item.rate} per ${item.unit}`,
      operation: '',
      principal: caller ? billedCallerArn(account, caller, 'session') : null,
      tags: item.tags ?? {},
      product,
      productFamily: kind === 'bedrock' && !isMarketplace ? 'Amazon Bedrock' : null,
      regionCode: isMarketplace ? '' : region,
    };
  }));
}

/** Tax, credits and refunds: one line each, for the whole month. */
function monthlyLines(month: Month): BillLine[] {
  const line = (lineType: string, usd: number, account: string, of: Partial<BillLine> = {}): BillLine => ({
    kind: 'adjustment',
    meaning: null,
    caller: null,
    account,
    region: '',
    start: month.start,
    end: month.end,
    lineType,
    usd,
    usageType: '',
    amount: 1,
    unit: '',
    productCode: 'AmazonBedrock',
    billingEntity: 'AWS',
    description: `${lineType} for Amazon Bedrock`,
    operation: '',
    principal: null,
    tags: {},
    product: BEDROCK,
    productFamily: null,
    regionCode: '',
    ...of,
  });
  const claude: Partial<BillLine> = { productCode: '7zgyu5r4example46sonnet', billingEntity: 'AWS Marketplace', product: { product_name: 'Claude Sonnet 4.6 (Amazon Bedrock Edition)' } };
  const ec2: Partial<BillLine> = { kind: 'foreign', productCode: 'AmazonEC2', product: { product_name: 'Amazon Elastic Compute Cloud' }, description: 'Tax for Amazon EC2' };
  return [
    line('Tax', 31.27, PAYER),
    line('Tax', 58.4, ACCOUNTS.shop, claude),
    line('Tax', 12.1, ACCOUNTS.shop, ec2),
    line('Credit', -25, PAYER),
    line('Refund', -3.75, ACCOUNTS.insights),
  ];
}
