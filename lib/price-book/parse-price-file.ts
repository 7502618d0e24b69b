import { PriceBookError } from './price-book-error';
import type { PriceDiscount, PriceEntry } from './price-entry';

/** What a price file says, with its defaults filled in. */
export interface PriceFile {
  readonly entries: PriceEntry[];
  readonly discounts: PriceDiscount[];
  readonly retrieved?: string;
}

const ROUTES = ['regional', 'geo', 'global'];
const TIERS = ['standard', 'priority', 'flex', 'batch', 'latency_optimized', 'reserved'];
const UNIT_OF_TOKEN_TYPE = new Map([
  ['input', '1M tokens'], ['output', '1M tokens'], ['cache_read', '1M tokens'], ['cache_write_5m', '1M tokens'], ['cache_write_1h', '1M tokens'],
  ['image', 'image'], ['video', 'second'], ['audio', 'second'], ['search', 'search_unit'],
  ['model_unit', 'hour'],
]);
const FILE_FIELDS = ['source', 'retrieved', 'entries', 'discounts'];
const ENTRY_FIELDS = [
  'model', 'region', 'route', 'tier', 'token_type', 'unit', 'usd', 'context_threshold_tokens', 'effective_from', 'effective_to',
  'source', 'retrieved', 'confidence',
];
const DISCOUNT_FIELDS = ['fraction', 'model', 'region', 'route'];

const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d+$/;
const GEOGRAPHY = /^[a-z]{2,4}(-gov)?$/;
const USER_SOURCE = 'user-supplied';

type Fields = Readonly<Record<string, unknown>>;

/** Reads the fields of one JSON object and notes what is wrong with them under the name of that object. */
class FieldReader {
  public constructor(
    private readonly where: string,
    private readonly fields: Fields,
    private readonly problems: string[],
    known: string[],
  ) {
    for (const name of Object.keys(fields).filter(field => !known.includes(field))) {
      problems.push(`${where} has the unknown field ${JSON.stringify(name)}: allowed are ${known.join(', ')}`);
    }
  }

  /** A non-empty text, or undefined when the field is absent or null. */
  public text(name: string, allowed: (value: string) => boolean, description: string): string | undefined {
    const value = this.fields[name] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value === 'string' && value !== '' && allowed(value)) return value;
    this.refuse(name, description);
    return undefined;
  }

  public requiredText(name: string, allowed: (value: string) => boolean, description: string): string {
    if (this.isAbsent(name)) this.refuse(name, description);
    return this.text(name, allowed, description) ?? '';
  }

  /** A finite number in a range, or undefined when the field is absent or null. */
  public number(name: string, allowed: (value: number) => boolean, description: string): number | undefined {
    const value = this.fields[name] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isFinite(value) && allowed(value)) return value;
    this.refuse(name, description);
    return undefined;
  }

  public requiredNumber(name: string, allowed: (value: number) => boolean, description: string): number {
    if (this.isAbsent(name)) this.refuse(name, description);
    return this.number(name, allowed, description) ?? 0;
  }

  public oneOf(name: string, values: string[]): string | undefined {
    return this.text(name, value => values.includes(value), `one of ${values.join(', ')}`);
  }

  public day(name: string): string | undefined {
    return this.text(name, isDay, 'a day as YYYY-MM-DD');
  }

  public refuse(name: string, description: string): void {
    this.problems.push(`${this.where}: ${name} is ${JSON.stringify(this.fields[name] ?? null)}, allowed is ${description}`);
  }

  private isAbsent(name: string): boolean {
    return (this.fields[name] ?? undefined) === undefined;
  }
}

/**
 * Reads a price file: the shipped snapshot or a user's overrides.
 *
 * @throws PriceBookError with every problem of the file
 */
export function parsePriceFile(text: string): PriceFile {
  const file = parseObject(text, 'the price file', 'a list named entries or discounts');
  const problems: string[] = [];
  const reader = new FieldReader('the file', file, problems, FILE_FIELDS);
  const source = reader.text('source', () => true, 'a text');
  const retrieved = reader.day('retrieved');
  const entries = objectsOf(file, 'entries', problems).map((fields, index) =>
    parseEntry(new FieldReader(`entries[${index}]`, fields, problems, ENTRY_FIELDS), source ?? USER_SOURCE, retrieved));
  const discounts = objectsOf(file, 'discounts', problems).map((fields, index) =>
    parseDiscount(new FieldReader(`discounts[${index}]`, fields, problems, DISCOUNT_FIELDS)));
  if (problems.length === 0) problems.push(...duplicatesAmong(entries));
  if (problems.length > 0) throw new PriceBookError('the price file', problems);
  return { entries, discounts, retrieved };
}

/**
 * Reads the object that a data file is.
 *
 * @throws PriceBookError when it is none
 */
export function parseObject(text: string, subject: string, content: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new PriceBookError(subject, [`it is not JSON: ${String(error)}`]);
  }
  if (isFields(value)) return value;
  throw new PriceBookError(subject, [`it is ${JSON.stringify(value)}, allowed is an object with ${content}`]);
}

/** The objects of a list field; an absent list is an empty one. */
function objectsOf(file: Fields, name: string, problems: string[]): Fields[] {
  const list = file[name] ?? [];
  if (!Array.isArray(list)) {
    problems.push(`the file: ${name} is ${JSON.stringify(list)}, allowed is a list`);
    return [];
  }
  return list.map((item: unknown, index) => {
    if (isFields(item)) return item;
    problems.push(`${name}[${index}] is ${JSON.stringify(item)}, allowed is an object`);
    return {};
  });
}

function parseEntry(reader: FieldReader, source: string, retrieved: string | undefined): PriceEntry {
  const tokenTypes = [...UNIT_OF_TOKEN_TYPE.keys()];
  const route = reader.oneOf('route', ROUTES) ?? 'regional';
  const region = reader.text('region', isPlace, 'an AWS Region code, a geography such as us, or *') ?? '*';
  if (GEOGRAPHY.test(region) && route !== 'geo') reader.refuse('region', `an AWS Region code or * on the route ${route}: only geo has prices of a geography`);
  const tokenType = reader.requiredText('token_type', value => tokenTypes.includes(value), `one of ${tokenTypes.join(', ')}`);
  const unit = UNIT_OF_TOKEN_TYPE.get(tokenType) ?? '';
  if (unit !== '') reader.text('unit', value => value === unit, `${unit} for ${tokenType}`);
  const effectiveFrom = reader.day('effective_from');
  const effectiveTo = reader.day('effective_to');
  if (effectiveFrom !== undefined && effectiveTo !== undefined && effectiveTo <= effectiveFrom) reader.refuse('effective_to', `a day after ${effectiveFrom}`);
  return {
    model: reader.requiredText('model', isBareModel, 'a model id without a geography prefix'),
    region,
    route,
    tier: reader.oneOf('tier', TIERS) ?? 'standard',
    tokenType,
    unit,
    usd: reader.requiredNumber('usd', value => value >= 0, 'a number of US dollars, 0 or more'),
    contextThresholdTokens: reader.number('context_threshold_tokens', value => Number.isInteger(value) && value > 0, 'a whole number above 0'),
    effectiveFrom,
    effectiveTo,
    source: reader.text('source', () => true, 'a text') ?? source,
    retrieved: reader.day('retrieved') ?? retrieved,
    confidence: reader.text('confidence', () => true, 'a text'),
  };
}

function parseDiscount(reader: FieldReader): PriceDiscount {
  return {
    fraction: reader.requiredNumber('fraction', value => value >= 0 && value <= 1, 'a number from 0 to 1'),
    model: reader.text('model', isBareModel, 'a model id without a geography prefix'),
    region: reader.text('region', isPlace, 'an AWS Region code, a geography such as us, or *'),
    route: reader.oneOf('route', ROUTES),
  };
}

/** Two prices of the same thing from the same day leave no way to say which one holds. */
function duplicatesAmong(entries: PriceEntry[]): string[] {
  const first = new Map<string, number>();
  return entries.flatMap((entry, index) => {
    const { model, region, route, tier, tokenType, contextThresholdTokens, effectiveFrom } = entry;
    const key = JSON.stringify([model, region, route, tier, tokenType, contextThresholdTokens ?? null, effectiveFrom ?? null]);
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, index);
    return earlier === undefined ? [] : [`entries[${index}] prices the same as entries[${earlier}] (${key}): remove one or give it another effective_from`];
  });
}

/** Whether a value is an object with named fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlace(value: string): boolean {
  return value === '*' || REGION.test(value) || GEOGRAPHY.test(value);
}

/** Model ids are `provider.model`; a geography in front makes them ids of inference profiles, which have a route and no price. */
export function isBareModel(value: string): boolean {
  return !/^((us|eu|ca|in|jp|au|apac|global|us-gov)\.|arn:)/.test(value);
}

/** True for days that exist: `2026-02-30` does not. */
function isDay(value: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(value) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}
