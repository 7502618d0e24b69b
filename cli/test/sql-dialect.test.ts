import { readFileSync } from 'node:fs';
import { renderView, VIEW_NAMES, type ViewKey } from '../../lib/analytics/sql/view-template';
import { dataFile } from '../src/data-files';
import { buildViews } from '../src/engine/build-views';
import { Engine } from '../src/engine/engine';
import { createEmptyBill } from '../src/sources/load-bill';
import { loadDimensions } from '../src/sources/load-dimensions';
import { createEmptyLogs } from '../src/sources/load-logs';

/**
 * Functions of Athena engine version 3 that the views call.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/functions-env3.html
 * @see https://trino.io/docs/current/functions/list.html
 */
const ATHENA_FUNCTIONS = [
  'abs', 'array_sort', 'bool_and', 'bool_or', 'cardinality', 'cast', 'coalesce', 'concat', 'contains', 'count', 'count_if', 'element_at', 'filter',
  'from_iso8601_timestamp', 'greatest', 'json_extract_scalar', 'lead', 'least', 'length', 'lower', 'map_keys', 'max', 'min', 'nullif',
  'regexp_extract', 'regexp_like', 'regexp_replace', 'replace', 'row_number', 'split_part', 'substr', 'sum', 'try', 'try_cast', 'unnest',
];

const KEY: ViewKey = {
  name: 'team', metadataNames: ['team', 'squad'], principalTagNames: ['team'], resourceTagNames: ['Team'], required: true, enforced: true,
  allowedValues: ['search'], pattern: '[a-z]+',
};
const PARAMETERS = {
  keys: [KEY], spendKeys: ['team'], attributionOrder: ['iamPrincipal', 'resourceTags'] as const, asOf: 'current_timestamp', settlementHours: 72,
  cost: 'line_item_unblended_cost', invocationsSource: 'invocation_records', sharedCosts: [], billSource: 'bedrock_bill_lines', logWindow: 'true',
};
const DIALECT = readFileSync(dataFile('sql', 'dialect', 'duckdb.sql'), 'utf8');
const MACROS = [...DIALECT.matchAll(/^CREATE MACRO (\w+)\(/gm)].map(match => match[1]);

/** The text of a view without comments and string literals. */
function codeOf(name: string): string {
  return renderView(readFileSync(dataFile('sql', 'views', `${name}.sql`), 'utf8'), PARAMETERS).replace(/--.*$/gm, '').replace(/'(?:[^']|'')*'/g, `''`);
}

const CODE = VIEW_NAMES.map(name => codeOf(name)).join('\n');
const CALLED = new Set([...CODE.matchAll(/\b(\w+)\(/g)].map(match => match[1].toLowerCase()));

describe('the SQL of the views', () => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await Engine.open();
    await loadDimensions(engine, {});
    await createEmptyBill(engine);
    await createEmptyLogs(engine);
    await buildViews(engine, PARAMETERS, new Set(VIEW_NAMES));
  });

  afterAll(() => { engine.close(); });

  test('calls no function that Athena does not have', () => {
    expect([...CALLED].filter(name => !ATHENA_FUNCTIONS.includes(name))).toEqual([]);
  });

  test.each(VIEW_NAMES)('runs on DuckDB, and %s has no rows over no input', async (name) => {
    expect(await engine.rows(`SELECT * FROM ${name}`)).toEqual([]);
  });

  test('needs every macro of the dialect, and each stands for a function of Athena', () => {
    expect(MACROS.length).toBeGreaterThan(0);
    expect(MACROS.filter(name => !CALLED.has(name) || !ATHENA_FUNCTIONS.includes(name))).toEqual([]);
  });

  test('uses none of the forms that only one of the engines reads', () => {
    const forms = [
      /\b(QUALIFY|ILIKE|GLOB|PIVOT|ASOF|EXCLUDE)\b/i, /\bGROUP BY ALL\b/i, /\bSELECT DISTINCT ON\b/i, /\bUSING SAMPLE\b/i, /\bIF\s*\(/i, /\bMAP\s*\{/i, /::/, /\/\//,
      /\bDATE_(DIFF|ADD|TRUNC)\b/i, /"[^"]*"\s*\(/, /\bLIMIT\b/i, /;/,
    ];
    expect(forms.filter(form => form.test(CODE)).map(String)).toEqual([]);
  });
});

describe('a function of Athena on DuckDB', () => {
  let engine: Engine;

  beforeAll(async () => { engine = await Engine.open(); });

  afterAll(() => { engine.close(); });

  test.each<[string, unknown]>([
    [`element_at(MAP(ARRAY['a'], ARRAY['b']), 'a')`, 'b'],
    [`element_at(MAP(ARRAY['a'], ARRAY['b']), 'c')`, null],
    [`element_at(ARRAY['x', 'y'], 1)`, 'x'],
    [`element_at(filter(ARRAY['x'], k -> k = 'z'), 1)`, null],
    [`element_at(array_sort(ARRAY['b', 'a']), 1)`, 'a'],
    [`element_at(CAST(NULL AS map(varchar, varchar)), 'a')`, null],
    [`regexp_like('abc', 'b')`, true],
    [`regexp_like('abc', '^(?:a|abc)$')`, true],
    [`regexp_like('abcd', '^(?:a|abc)$')`, false],
    [`regexp_extract('a/b/c', '[^/]+$')`, 'c'],
    [`json_extract_scalar('{"usage":{"n":5}}', '$.usage.n')`, '5'],
    [`json_extract_scalar('{"usage":{"n":5}}', '$.usage.m')`, null],
    [`json_extract_scalar(CAST(NULL AS varchar), '$.usage.n')`, null],
    [`CAST(from_iso8601_timestamp('2026-10-05T23:30:00Z') AT TIME ZONE 'UTC' AS timestamp)`, '2026-10-05T23:30:00.000Z'],
    [`CAST(from_iso8601_timestamp('2026-10-05T23:30:00-02:00') AT TIME ZONE 'UTC' AS timestamp)`, '2026-10-06T01:30:00.000Z'],
    [`try(from_iso8601_timestamp('2025-04-99T10:00:00Z')) IS NULL`, true],
    [`cardinality(MAP(ARRAY['a'], ARRAY['b']))`, 1],
    [`contains(ARRAY['a'], 'a')`, true],
  ])('%s is %p', async (expression, expected) => {
    expect((await engine.rows(`SELECT ${expression} AS answer`))[0].answer).toEqual(expected);
  });
});
