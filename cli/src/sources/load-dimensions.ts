import { readFileSync } from 'node:fs';
import { ModelAliases } from '../../../lib/price-book';
import { profileSource } from '../../../lib/price-book/profile-source';
import { dataFile } from '../data-files';
import type { Engine } from '../engine/engine';
import { readText } from '../text-files';
import { UsageError } from '../usage-error';
import { loadPriceBook } from './load-price-book';

/** Files beside logs and bill; the shipped data stands in for what is not given. */
export interface DimensionFiles {
  readonly prices?: string;
  readonly profiles?: string;
  readonly principals?: string;
}

/** Days between which something is known to have been there; NULL where a file does not say. */
const HISTORY = { first_seen: 'DATE', last_seen: 'DATE', deleted_on: 'DATE' } as const;

/** Loads prices, model names and Region codes, and what the user knows of profiles and principals. */
export async function loadDimensions(engine: Engine, files: DimensionFiles): Promise<void> {
  await table(engine, 'price_book', {
    model: 'VARCHAR', region: 'VARCHAR', route: 'VARCHAR', tier: 'VARCHAR', token_type: 'VARCHAR', unit: 'VARCHAR', usd: 'DOUBLE',
    context_threshold_tokens: 'BIGINT', effective_from: 'DATE', effective_to: 'DATE', source: 'VARCHAR', retrieved: 'DATE', precedence: 'INTEGER',
  }, ndjson(loadPriceBook(files.prices).toNdjson()));
  const aliases = ModelAliases.fromJson(readFileSync(dataFile('price-book', 'model-aliases.json'), 'utf8'));
  await table(engine, 'model_aliases', { kind: 'VARCHAR', alias: 'VARCHAR', model: 'VARCHAR' }, ndjson(aliases.toNdjson()));
  await table(engine, 'route_prefixes', { prefix: 'VARCHAR', route: 'VARCHAR' }, shipped('route-prefixes.json'));
  await table(engine, 'billing_regions', { code: 'VARCHAR', region: 'VARCHAR' }, shipped('billing-regions.json'));
  await table(engine, 'inference_profiles', {
    inference_profile_arn: 'VARCHAR', model_source: 'VARCHAR', tags: 'MAP(VARCHAR, VARCHAR)', name: 'VARCHAR', kind: 'VARCHAR', account_id: 'VARCHAR',
    region: 'VARCHAR', ...HISTORY,
  }, files.profiles === undefined ? [] : profiles(files.profiles));
  await table(engine, 'principals', {
    principal_arn: 'VARCHAR', tags: 'MAP(VARCHAR, VARCHAR)', declares_for_others: '["VARCHAR"]', account_id: 'VARCHAR', ...HISTORY,
  }, files.principals === undefined ? [] : unique(userRows(files.principals, 'principal_arn'), 'principal_arn', files.principals));
}

type JsonRow = Record<string, unknown>;

async function table(engine: Engine, name: string, columns: Readonly<Record<string, string>>, rows: readonly JsonRow[]): Promise<void> {
  const shape = Object.entries(columns).map(([column, type]) => `"${column}": ${type.startsWith('[') ? type : `"${type}"`}`).join(', ');
  await engine.run(`CREATE TABLE ${name} AS SELECT row.* FROM (SELECT unnest(from_json($1::JSON, '[{${shape}}]')) AS row)`, [JSON.stringify(rows)]);
}

function ndjson(text: string): JsonRow[] {
  return text.split('\n').filter(line => line !== '').map(line => JSON.parse(line) as JsonRow);
}

function shipped(file: string): JsonRow[] {
  return (JSON.parse(readFileSync(dataFile('price-book', file), 'utf8')) as { entries: JsonRow[] }).entries;
}

/** Rows of a profiles file, or the answer of `aws bedrock list-inference-profiles` as it is. */
function profiles(path: string): JsonRow[] {
  const rows = userRows(path, 'inference_profile_arn');
  const systemDefined = rows.filter(row => row.type === 'SYSTEM_DEFINED');
  return unique(rows.map(row => ({ ...row, model_source: row.model_source ?? profileSource(row, systemDefined) })), 'inference_profile_arn', path);
}

function userRows(path: string, key: string): JsonRow[] {
  const text = readText(path);
  let rows: unknown;
  try {
    const document = JSON.parse(text) as unknown;
    rows = isObject(document) && Array.isArray(document.inferenceProfileSummaries) ? document.inferenceProfileSummaries : document;
  } catch (error) {
    try {
      rows = ndjson(text);
    } catch {
      throw new UsageError(`${JSON.stringify(path)} is neither JSON nor one JSON object per line: ${(error as Error).message}`);
    }
  }
  const list = Array.isArray(rows) ? rows as unknown[] : [rows];
  return list.map((row, index) => {
    const arn = isObject(row) ? row[key] ?? row.inferenceProfileArn : undefined;
    if (!isObject(row) || typeof arn !== 'string') throw new UsageError(`${JSON.stringify(path)}, entry ${index + 1}: it has no "${key}"; give a list of objects that have one`);
    return { ...row, [key]: arn };
  });
}

function unique(rows: readonly JsonRow[], key: string, path: string): JsonRow[] {
  const seen = new Set<unknown>();
  for (const row of rows) {
    if (seen.has(row[key])) throw new UsageError(`${JSON.stringify(path)} lists ${JSON.stringify(row[key])} twice: keep one`);
    seen.add(row[key]);
  }
  return [...rows];
}

function isObject(value: unknown): value is JsonRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
