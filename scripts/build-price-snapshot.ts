// Makes lib/price-book/data/price-snapshot.json and model-aliases.json from the sourced rows in data-sources/, and prints what it
// took and what it left out. Run it with `npm run build:prices`; docs/price-book.md explains the rules.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface SourceRow {
  readonly model: string;
  readonly region: string;
  readonly route: string;
  readonly tier: string;
  readonly token_type: string;
  readonly usd_per_million_tokens: string;
  readonly unit: string;
  readonly context_threshold_tokens: string;
  readonly effective_from: string;
  readonly source: string;
  readonly source_date: string;
  readonly confidence: string;
}

interface Entry {
  readonly model: string;
  readonly region: string;
  readonly route: string;
  readonly tier: string;
  readonly token_type: string;
  readonly unit: string;
  readonly usd: number;
  readonly context_threshold_tokens: number | null;
  readonly effective_from: string | null;
  readonly effective_to: string | null;
  readonly source: string;
  readonly retrieved: string;
  readonly confidence: string;
}

interface Alias {
  readonly kind: string;
  readonly alias: string;
  readonly model: string;
  readonly source: string;
}

const ROOT = join(__dirname, '..');
const SOURCES = join(ROOT, 'data-sources');
const DATA = join(ROOT, 'lib', 'price-book', 'data');

/** Most trusted last. */
const TRUST = ['community_table', 'provider_page', 'price_list_capture'];
const TOKEN_TYPES = ['input', 'output', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'image', 'video', 'audio', 'search'];
const UNITS = new Map([['tokens', '1M tokens'], ['image', 'image'], ['second', 'second'], ['search_unit', 'search_unit']]);

/** Two spellings of one model in the sources; the right-hand one is the id that Amazon Bedrock lists. */
const MODEL_SPELLINGS = new Map([
  ['moonshotai.kimi-k2-thinking', 'moonshot.kimi-k2-thinking'],
  ['openai.gpt-oss-120b', 'openai.gpt-oss-120b-1:0'],
  ['openai.gpt-oss-20b', 'openai.gpt-oss-20b-1:0'],
  ['amazon.titan-image-generator-v2', 'amazon.titan-image-generator-v2:0'],
]);

/** Models with one price per image size and quality: one flat price per image can only be wrong for them. */
const PRICED_BY_IMAGE_SIZE = new Set(['amazon.nova-canvas-v1:0']);

/** Providers whose models are billed under their own id without its version, as in `openai.gpt-oss-120b-mantle-input-tokens-standard`. */
const BILLED_UNDER_OWN_ID = new Set(['deepseek', 'google', 'minimax', 'mistral', 'moonshot', 'moonshotai', 'nvidia', 'openai', 'qwen', 'xai', 'zai']);

const USAGE_TYPE_DOC = 'https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-understanding-cur-data.html';
const PRODUCT_NAME_SOURCE = 'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonBedrockFoundationModels/current/index.json';

/** The cells of a tab-separated file by column name. */
function readTable<Row>(file: string): Row[] {
  const [header, ...lines] = readFileSync(join(SOURCES, file), 'utf8').trimEnd().split('\n').map(line => line.split('\t'));
  return lines.map(cells => Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ''])) as Row);
}

/**
 * Amazon Nova caches for five minutes only, so its cache write without a time to live is the five-minute one.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
 */
function tokenTypeOf(row: SourceRow): string {
  return row.token_type === 'cache_write' && row.model.startsWith('amazon.nova-') ? 'cache_write_5m' : row.token_type;
}

/** Why a source row can't be an entry, or undefined when it can. */
function reasonToLeaveOut(row: SourceRow): string | undefined {
  if (!TOKEN_TYPES.includes(tokenTypeOf(row))) return `token type ${row.token_type} is outside the closed list`;
  if (row.region === 'unspecified') return 'the source names no Region, which is not the same as every Region';
  if (row.token_type === 'image' && PRICED_BY_IMAGE_SIZE.has(row.model)) return 'one flat price for a model priced by image size';
  return undefined;
}

function toEntry(row: SourceRow): Entry {
  const unit = UNITS.get(row.unit);
  const usd = Number(row.usd_per_million_tokens);
  if (unit === undefined || row.usd_per_million_tokens === '' || !(usd >= 0) || !TRUST.includes(row.confidence)) {
    throw new Error(`unreadable source row: ${JSON.stringify(row)}`);
  }
  return {
    model: MODEL_SPELLINGS.get(row.model) ?? row.model,
    region: row.region,
    route: row.route,
    tier: row.tier,
    token_type: tokenTypeOf(row),
    unit,
    // sources multiply prices per token in floating point: 0.39599999999999996 was 0.396
    usd: Number(usd.toPrecision(12)),
    context_threshold_tokens: row.context_threshold_tokens === '' ? null : Number(row.context_threshold_tokens),
    effective_from: row.effective_from === '' ? null : row.effective_from,
    effective_to: null,
    source: row.source,
    retrieved: row.source_date,
    confidence: row.confidence,
  };
}

function keyOf(entry: Entry): string {
  return [entry.model, entry.region, entry.route, entry.tier, entry.token_type, entry.context_threshold_tokens ?? 0].join(' | ');
}

/** Trust first, then age; the source name last, so that the outcome does not depend on the order of the rows. */
function beats(challenger: Entry, holder: Entry): boolean {
  const rank = (entry: Entry): string => `${TRUST.indexOf(entry.confidence)} ${entry.retrieved} ${entry.source}`;
  return rank(challenger) > rank(holder);
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

function printCounts(title: string, counts: Map<string, number>): void {
  console.log(title);
  for (const [what, rows] of [...counts].sort()) console.log(`  ${rows.toString().padStart(5)}  ${what}`);
}

/** Plain code-unit order: the files must come out the same on every machine. */
function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function writeData(file: string, head: Record<string, string>, entries: object[]): void {
  const fields = Object.entries(head).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`).join('');
  const lines = entries.map(entry => `    ${JSON.stringify(entry)}`).join(',\n');
  writeFileSync(join(DATA, file), `{\n${fields}  "entries": [\n${lines}\n  ]\n}\n`);
}

function buildSnapshot(rows: SourceRow[]): Entry[] {
  const leftOut = new Map<string, number>();
  const winners = new Map<string, Entry>();
  for (const row of rows) {
    const reason = reasonToLeaveOut(row);
    if (reason !== undefined) {
      count(leftOut, reason);
      continue;
    }
    const entry = toEntry(row);
    const holder = winners.get(keyOf(entry));
    if (holder !== undefined) count(leftOut, holder.usd === entry.usd ? 'agrees with a better source' : 'contradicts a better source');
    if (holder === undefined || beats(entry, holder)) winners.set(keyOf(entry), entry);
  }
  const entries = [...winners.values()].sort((left, right) => compare(keyOf(left), keyOf(right)));
  const retrieved = entries.map(entry => entry.retrieved).sort(compare).at(-1) ?? '';
  writeData('price-snapshot.json', { source: 'data-sources/prices.tsv', retrieved }, entries);

  const confidence = new Map<string, number>();
  for (const entry of entries) count(confidence, entry.confidence);
  console.log(`price-snapshot.json: ${entries.length} entries for ${new Set(entries.map(entry => entry.model)).size} models from ${rows.length} rows, newest ${retrieved}`);
  printCounts('by confidence', confidence);
  printCounts('rows left out', leftOut);
  return entries;
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** `Claude4.6Sonnet` and `Claude Sonnet 4.6` for `anthropic.claude-sonnet-4-6`; undefined for ids of another form. */
function claudeName(model: string): { usageType?: string; product: string } | undefined {
  const modern = /^anthropic\.claude-([a-z]+)-(\d(?:-\d)?)(?:-\d{8})?(?:-v\d(?::\d)?)?$/.exec(model);
  if (modern !== null) {
    const [, family, version] = modern;
    const number = version.replace('-', '.');
    return { usageType: `Claude${number}${capitalized(family)}`, product: `Claude ${capitalized(family)} ${number}` };
  }
  const legacy = /^anthropic\.claude-(3(?:-\d)?)-([a-z]+)-\d{8}-v(\d):0$/.exec(model);
  if (legacy === null) return undefined;
  const [, version, family, revision] = legacy;
  return { product: `Claude ${version.replace('-', '.')} ${capitalized(family)}${revision === '2' ? ' v2' : ''}` };
}

/** The names of one model that follow from its id by a documented or captured pattern. */
function derivedAliases(model: string): Alias[] {
  const aliases: Alias[] = [];
  const claude = claudeName(model);
  if (claude !== undefined) {
    aliases.push({ kind: 'product_model', alias: claude.product, model, source: PRODUCT_NAME_SOURCE });
    aliases.push({ kind: 'product_name', alias: `${claude.product} (Amazon Bedrock Edition)`, model, source: PRODUCT_NAME_SOURCE });
  }
  if (claude?.usageType !== undefined) {
    aliases.push({ kind: 'usage_type', alias: claude.usageType, model, source: USAGE_TYPE_DOC });
    aliases.push({ kind: 'usage_type', alias: model.replace(/(-\d{8})?(-v\d+(:\d+)?)?$/, ''), model, source: USAGE_TYPE_DOC });
  }
  if (BILLED_UNDER_OWN_ID.has(model.split('.')[0])) {
    aliases.push({ kind: 'usage_type', alias: model.replace(/-v?\d+:\d+$/, ''), model, source: USAGE_TYPE_DOC });
  }
  return aliases;
}

function buildAliases(rows: SourceRow[], entries: Entry[]): void {
  const named = readTable<Alias>('model-names.tsv');
  // a model without a usable price is still recognised on the bill
  const models = new Set(rows.map(row => MODEL_SPELLINGS.get(row.model) ?? row.model));
  const aliases = new Map<string, Alias>();
  for (const alias of [...named, ...[...models].flatMap(derivedAliases)]) {
    const key = `${alias.kind} | ${alias.alias.toLowerCase()}`;
    const holder = aliases.get(key);
    if (holder !== undefined && holder.model !== alias.model) throw new Error(`${key} means ${holder.model} and ${alias.model}`);
    if (holder === undefined) aliases.set(key, alias);
  }
  const sorted = [...aliases].sort(([left], [right]) => compare(left, right)).map(([, alias]) => alias);
  writeData('model-aliases.json', { source: 'data-sources/model-names.tsv', retrieved: '2026-11-21' }, sorted);

  const kinds = new Map<string, number>();
  for (const alias of sorted) count(kinds, alias.kind);
  printCounts('model-aliases.json', kinds);
  const onTheBill = new Set(sorted.filter(alias => alias.kind !== 'log_model_id').map(alias => alias.model));
  const priced = new Set(entries.map(entry => entry.model));
  console.log(`priced models without a name on the bill: ${[...priced].filter(model => !onTheBill.has(model)).join(', ') || 'none'}`);
}

const sourceRows = readTable<SourceRow>('prices.tsv');
buildAliases(sourceRows, buildSnapshot(sourceRows));
