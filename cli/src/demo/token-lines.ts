import { type BillLine, cents } from './bill-line';
import { groupBy } from './group-by';
import { type DemoModel, listPrice, MODELS, type TokenType } from './models';
import { type Call, dayOfMonth } from './simulate-calls';
import { usageType } from './usage-types';
import { billedCallerArn, type CallerOnBill, type Workload } from './world';

const HOUR = 3_600_000;
/** Day from which Marketplace rows are written in `1M tokens` instead of `Units`. */
const NEW_UNIT_DAY = 16;
const DISCOUNT = 0.06;

interface Usage {
  readonly call: Call;
  readonly model: DemoModel;
  readonly tokenType: TokenType;
  readonly tokens: number;
}

/** The lines of the bill for tokens: one per hour, caller, tag set and usage type, and the discounts on them. */
export function tokenLines(calls: readonly Call[]): BillLine[] {
  const usages = calls.filter(call => !isUnbilled(call)).flatMap(usageOf);
  const lines = [...groupBy(usages, lineKey).values()].map(newLine);
  return lines.flatMap(({ line, workload }) => workload.isDiscounted === true ? [line, discountOn(line)] : [line]);
}

function usageOf(call: Call): Usage[] {
  const { model: name } = call.target;
  if (name === null) return [];
  return Object.entries(call.used).map(([tokenType, tokens]) => ({ call, model: MODELS[name], tokenType: tokenType as TokenType, tokens }));
}

function isUnbilled({ workload, ms }: Call): boolean {
  return workload.unbilledHour === new Date(ms).getUTCHours();
}

function formOf({ workload, ms }: Call): CallerOnBill {
  return workload.callerOnBill?.(new Date(ms).getUTCHours()) ?? 'session';
}

function lineKey({ call, model, tokenType }: Usage): string {
  const { workload, who, target, tier, ms } = call;
  const form = formOf(call);
  const caller = form === 'none' ? '' : form === 'role' ? who.name : `${who.name}/${who.session ?? ''}`;
  return [workload.name, Math.floor(ms / HOUR), caller, model.id, tokenType, target.route === 'global', tier].join('|');
}

function newLine(usages: readonly Usage[]): { line: BillLine; workload: Workload } {
  const { call, model, tokenType } = usages[0];
  const { workload, who, target, tier } = call;
  const { account, region } = workload;
  const form = formOf(call);
  const tokens = usages.reduce((sum, usage) => sum + usage.tokens, 0);
  const isGlobal = target.route === 'global';
  const rate = listPrice(model, { region, isGlobal, tier, tokenType });
  const start = Math.floor(call.ms / HOUR) * HOUR;
  const isMarketplace = model.productName !== undefined;
  const day = dayOfMonth(call.ms);
  const millions = isMarketplace && day < NEW_UNIT_DAY ? 'Units' : '1M tokens';
  return {
    workload,
    line: {
      kind: 'bedrock',
      meaning: { model: model.id, tokenType, tokens, isGlobal, endpoint: workload.unseen === 'mantle' ? 'mantle' : 'runtime' },
      caller: form === 'none' ? null : form === 'role' ? { kind: who.kind, name: who.name } : who,
      account,
      region,
      start,
      end: start + HOUR,
      lineType: 'Usage',
      usd: cents(tokens * rate / 1e6),
      usageType: usageType(model, { region, tokenType, tier, isGlobal }),
      amount: tokens / model.tokensPerUnit,
      unit: model.tokensPerUnit === 1_000 ? '1K tokens' : millions,
      productCode: model.productCode,
      billingEntity: isMarketplace ? 'AWS Marketplace' : 'AWS',
      description: `$${rate / 1e6 * model.tokensPerUnit} per ${model.tokensPerUnit === 1_000 ? '1K' : 'Million'} ${tokenType.replaceAll('_', ' ')} tokens`,
      operation: call.operation.endsWith('Stream') ? 'InvokeModelStreamingInference' : 'InvokeModelInference',
      principal: billedCallerArn(account, who, form),
      tags: day >= (workload.tagsFrom ?? 1) ? workload.tags : {},
      product: productMap(model, tokenType),
      productFamily: isMarketplace ? null : 'Amazon Bedrock',
      regionCode: isMarketplace ? '' : region,
    },
  };
}

function productMap(model: DemoModel, tokenType: TokenType): Record<string, string> {
  if (model.productName !== undefined) return { product_name: model.productName };
  const names: Readonly<Record<TokenType, string>> = {
    input: 'Input tokens',
    output: 'Output tokens',
    cache_read: 'Prompt cache read input tokens',
    cache_write_5m: 'Prompt cache write input tokens',
    cache_write_1h: 'Prompt cache write input tokens',
  };
  const product: Record<string, string> = { product_name: 'Amazon Bedrock', provider: model.provider, inference_type: names[tokenType], feature: 'On-demand Inference' };
  if (model.productModel !== undefined) product.model = model.productModel;
  return product;
}

/** A discount repeats the usage amount of its line and takes a part of its dollars. */
function discountOn(line: BillLine): BillLine {
  return {
    ...line,
    meaning: line.meaning && { ...line.meaning, tokens: 0 },
    lineType: 'PrivateRateDiscount',
    usd: cents(-line.usd * DISCOUNT),
    description: `Private rate discount: ${line.description}`,
  };
}
