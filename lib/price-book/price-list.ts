import type { ModelAliases } from './model-aliases';
import { isBareModel, isFields } from './parse-price-file';
import { PriceBookError } from './price-book-error';
import type { PriceEntry } from './price-entry';
import { isCountedInTokens, type PriceListAttributes, readUsage, type TokenUsage, tokensPerUnit } from './price-list-usage';

/** Service codes under which the AWS Price List has the prices of Amazon Bedrock. */
export const PRICE_LIST_CODES = ['AmazonBedrock', 'AmazonBedrockFoundationModels', 'AmazonBedrockService'];

/** A product of the price list that is not in the price book, and why. */
export interface SkippedProduct {
  readonly sku: string;
  readonly usage_type: string;
  /** Name of the model or product, as the list has it. */
  readonly product: string | null;
  readonly region: string | null;
  readonly unit: string | null;
  readonly usd: string | null;
  readonly description: string | null;
  readonly reason: string;
}

/** What a price list file says. */
export interface ParsedPriceList {
  /** Prices, each from the day on which the list has it start. */
  readonly entries: PriceEntry[];
  /** Products that count tokens and could not be understood: somebody has to look at them. */
  readonly unknown: SkippedProduct[];
  /** Products that were understood and are nothing for a price book, such as reserved capacity. */
  readonly others: SkippedProduct[];
}

/** How many tokens a prompt may have before it is a long one, by the provider of the model: the list does not say. */
const LONG_CONTEXT_TOKENS: readonly (readonly [string, number])[] = [['anthropic.', 200_000]];

const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d+$/;

type Fields = Readonly<Record<string, unknown>>;

/** One price of one product. */
interface Offer {
  readonly offerCode: string;
  readonly version: string;
  readonly sku: string;
  readonly attributes: PriceListAttributes;
  readonly unit: string;
  readonly usd: string | undefined;
  readonly description: string;
  readonly effectiveFrom: string | undefined;
}

/** An offer that is a price. */
interface Candidate {
  readonly offer: Offer;
  readonly entry: PriceEntry;
  readonly rank: number;
}

/** What an offer comes to. */
type Reading = { readonly entry: PriceEntry; readonly rank: number } | { readonly unknown: string } | { readonly other: string };

/**
 * Reads a file of the AWS Price List Bulk API, of any of the service codes of Amazon Bedrock.
 *
 * Nothing is guessed and nothing is dropped: what counts tokens and is not understood is in `unknown`, each with its reason. Where the list
 * has a price for the runtime and another one for the mantle endpoint, that of the runtime holds; two different prices for the same thing
 * are both unknown.
 *
 * @param file the parsed JSON
 * @param aliases what the list calls the models
 * @throws PriceBookError when it is no such file
 * @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html
 */
export function parsePriceList(file: unknown, aliases: ModelAliases): ParsedPriceList {
  const candidates = new Map<string, Candidate[]>();
  const unknown: SkippedProduct[] = [];
  const others: SkippedProduct[] = [];
  for (const offer of offersOf(file)) {
    const reading = read(offer, aliases);
    if ('unknown' in reading) {
      unknown.push(skipped(offer, reading.unknown));
    } else if ('other' in reading) {
      others.push(skipped(offer, reading.other));
    } else {
      const key = identity(reading.entry);
      candidates.set(key, [...candidates.get(key) ?? [], { offer, ...reading }]);
    }
  }
  const chosen = [...candidates.values()].map(choose);
  return {
    entries: chosen.flatMap(({ entries }) => entries),
    unknown: [...unknown, ...chosen.flatMap(choice => choice.unknown)],
    others: [...others, ...chosen.flatMap(choice => choice.others)],
  };
}

/** Of the prices for one thing, the one that holds. */
function choose(candidates: readonly Candidate[]): ParsedPriceList {
  const rank = Math.min(...candidates.map(candidate => candidate.rank));
  const best = candidates.filter(candidate => candidate.rank === rank);
  const [{ entry, offer: { attributes } }] = best;
  if (best.some(candidate => candidate.entry.usd !== entry.usd)) {
    const usageTypes = best.map(({ offer }) => offer.attributes.usagetype).join(' and ');
    return { entries: [], unknown: best.map(({ offer }) => skipped(offer, `${usageTypes} are prices of the same thing, and differ`)), others: [] };
  }
  const differing = candidates.filter(candidate => candidate.entry.usd !== entry.usd);
  return {
    entries: [entry],
    unknown: [],
    others: differing.map(({ offer }) => skipped(offer, `has another price than ${attributes.usagetype}, which holds`)),
  };
}

/**
 * Files of several service codes as one. Where two of them have a price for the same thing, both have to have the same one: it is not known
 * which of them the bill follows.
 */
export function mergePriceLists(lists: readonly ParsedPriceList[]): ParsedPriceList {
  const newest = lists.map(({ entries }) => new Map(inOrder(entries).map(entry => [pricedThing(entry), entry])));
  const rivalsOf = (thing: string): PriceEntry[] => newest.flatMap(prices => prices.get(thing) ?? []);
  const differ = (thing: string): boolean => new Set(rivalsOf(thing).map(({ usd }) => usd)).size > 1;
  const first = new Map<string, PriceEntry>();
  for (const entry of lists.flatMap(({ entries }) => entries)) {
    if (!differ(pricedThing(entry)) && !first.has(identity(entry))) first.set(identity(entry), entry);
  }
  const contradictions = [...new Set(newest.flatMap(prices => [...prices.keys()]))].filter(differ).flatMap(rivalsOf);
  return {
    entries: [...first.values()],
    unknown: [...lists.flatMap(({ unknown }) => unknown), ...contradictions.map(contradiction)],
    others: lists.flatMap(({ others }) => others),
  };
}

/** What a price is a price of, and from when on. */
export function identity(entry: PriceEntry): string {
  return JSON.stringify([pricedThing(entry), entry.effectiveFrom ?? null]);
}

/** What a price is a price of, whenever. */
export function pricedThing({ model, region, route, tier, tokenType, contextThresholdTokens }: PriceEntry): string {
  return JSON.stringify([model, region, route, tier, tokenType, contextThresholdTokens ?? null]);
}

function read(offer: Offer, aliases: ModelAliases): Reading {
  const { attributes, unit, usd, description } = offer;
  if (!isCountedInTokens(attributes, unit)) return readSearch(offer, aliases);
  const usage = readUsage(attributes, name => aliases.resolve('usage_type', name) !== undefined);
  if (usage === undefined) return { unknown: 'the usage type names no kind of token that is known' };
  if ('reason' in usage) return { other: usage.reason };
  const tokens = tokensPerUnit(unit, description);
  if (tokens === undefined) return { unknown: `the unit ${JSON.stringify(unit)} does not say how many tokens it is` };
  const amount = Number(usd);
  if (amount === 0 && !usage.tokenType.startsWith('cache_write')) return { unknown: 'the price is zero, which only cache writes are known to be' };
  return entryOf(offer, aliases, usage, '1M tokens', amount * (1e6 / tokens));
}

/** Reranking is priced by the search, for which a price has words; images and seconds of video have sizes, for which it has none. */
function readSearch(offer: Offer, aliases: ModelAliases): Reading {
  const { attributes, unit, usd } = offer;
  if (unit.toLowerCase() !== 'search units' || modelOf(attributes, undefined, aliases) === undefined) {
    return { other: `is not priced by tokens but by ${JSON.stringify(unit)}` };
  }
  const usage: TokenUsage = { tokenType: 'search', tier: 'standard', route: 'regional', isLongContext: false, rank: 0 };
  return entryOf(offer, aliases, usage, 'search_unit', Number(usd));
}

function entryOf(offer: Offer, aliases: ModelAliases, usage: TokenUsage, unit: string, usd: number): Reading {
  const { attributes: { regionCode: region = '' }, effectiveFrom } = offer;
  if (offer.usd === undefined || !Number.isFinite(usd) || usd < 0) return { unknown: 'it has no single price in US dollars' };
  if (!REGION.test(region)) return { unknown: `its Region is ${JSON.stringify(region)}` };
  if (effectiveFrom === undefined) return { unknown: 'it does not say since when the price holds' };
  const model = modelOf(offer.attributes, usage.model, aliases);
  if (model === undefined) {
    const name = productOf(offer.attributes) ?? usage.model ?? offer.attributes.usagetype;
    return { unknown: `the model is not known: give an alias for ${JSON.stringify(name)}` };
  }
  if (!isBareModel(model)) return { unknown: `its alias is ${JSON.stringify(model)}: give the id of a model without a geography prefix` };
  const threshold = LONG_CONTEXT_TOKENS.find(([provider]) => model.startsWith(provider))?.[1];
  if (usage.isLongContext && threshold === undefined) {
    return { other: 'is for long prompts, and the list does not say how long: give the price with a threshold of your own' };
  }
  return {
    rank: usage.rank,
    entry: {
      model,
      region,
      route: usage.route,
      tier: usage.tier,
      tokenType: usage.tokenType,
      unit,
      // twelve digits: a thousand times 0.0033 shall read 3.3
      usd: Number(usd.toPrecision(12)),
      ...usage.isLongContext ? { contextThresholdTokens: threshold } : {},
      effectiveFrom,
      source: `AWS Price List ${offer.offerCode} ${offer.version}, SKU ${offer.sku}`,
      confidence: 'price_list_capture',
    },
  };
}

/** The names are looked up in the order in which the view `billed_usage` does. */
function modelOf(attributes: PriceListAttributes, usageModel: string | undefined, aliases: ModelAliases): string | undefined {
  const lookUp = (kind: string, name: string | undefined): string | undefined =>
    name === undefined || name === '' ? undefined : aliases.resolve(kind, name);
  const { model, titanModel, servicename } = attributes;
  return lookUp('product_model', model) ?? lookUp('product_model', titanModel)
    ?? lookUp('product_name', servicename) ?? lookUp('product_model', editionOf(servicename))
    ?? lookUp('usage_type', usageModel);
}

/** `Claude Opus 4.7` of `Claude Opus 4.7 (Amazon Bedrock Edition)`. */
function editionOf(servicename: string | undefined): string | undefined {
  return /^(.*\S)\s*\(Amazon Bedrock Edition\)$/.exec(servicename ?? '')?.[1];
}

function productOf({ model, titanModel, servicename }: PriceListAttributes): string | undefined {
  return model ?? titanModel ?? (editionOf(servicename) === undefined ? undefined : servicename);
}

function skipped(offer: Offer, reason: string): SkippedProduct {
  const { sku, attributes, unit, usd, description } = offer;
  return {
    sku,
    usage_type: attributes.usagetype ?? '',
    product: productOf(attributes) ?? null,
    region: attributes.regionCode ?? null,
    unit: unit === '' ? null : unit,
    usd: usd ?? null,
    description: description === '' ? null : description,
    reason,
  };
}

/** A price that another service code contradicts. */
function contradiction({ model, region, unit, usd, tokenType, source }: PriceEntry): SkippedProduct {
  return {
    sku: source.slice(source.lastIndexOf(' ') + 1),
    usage_type: '',
    product: model,
    region,
    unit,
    usd: String(usd),
    description: source,
    reason: `another service code has another price for ${tokenType} of this model`,
  };
}

function inOrder(entries: readonly PriceEntry[]): PriceEntry[] {
  return [...entries].sort(({ effectiveFrom: left = '' }, { effectiveFrom: right = '' }) => left < right ? -1 : left > right ? 1 : 0);
}

/** Every price of every product of a file; a product without one comes as an offer that has none. */
function offersOf(file: unknown): Offer[] {
  const { offerCode, version, products, terms } = fieldsOf(file);
  const onDemand = fieldsOf(fieldsOf(terms).OnDemand);
  if (!isFields(products) || typeof offerCode !== 'string' || !isFields(terms)) {
    throw new PriceBookError('the price list file', ['it has no offerCode, products and terms; it is no file of the AWS Price List Bulk API']);
  }
  return Object.entries(products).flatMap(([sku, product]) => {
    const base = { offerCode, version: textOf(version) ?? '', sku, attributes: attributesOf(product) };
    const offers = Object.values(fieldsOf(onDemand[sku])).map(term => ({ ...base, ...priceOf(fieldsOf(term)) }));
    return offers.length > 0 ? offers : [{ ...base, unit: '', usd: undefined, description: '', effectiveFrom: undefined }];
  });
}

/** A term with several dimensions has a price that depends on the volume, which is no single price. */
function priceOf({ priceDimensions, effectiveDate }: Fields): Pick<Offer, 'unit' | 'usd' | 'description' | 'effectiveFrom'> {
  const dimensions = Object.values(fieldsOf(priceDimensions)).map(fieldsOf);
  const { unit, description, pricePerUnit } = dimensions[0] ?? {};
  const usd = textOf(fieldsOf(pricePerUnit).USD);
  return {
    unit: textOf(unit) ?? '',
    usd: dimensions.length === 1 && usd?.trim() !== '' ? usd : undefined,
    description: textOf(description) ?? '',
    effectiveFrom: /^(\d{4}-\d{2}-\d{2})T/.exec(textOf(effectiveDate) ?? '')?.[1],
  };
}

function attributesOf(product: unknown): PriceListAttributes {
  const texts = Object.entries(fieldsOf(fieldsOf(product).attributes)).filter(([, value]) => typeof value === 'string' && value !== '');
  return Object.fromEntries(texts);
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
