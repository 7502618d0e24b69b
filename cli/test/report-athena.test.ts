import { join } from 'node:path';
import type { AthenaEndpoint } from '../../test/support/athena-endpoint';
import { generateMonth } from '../src/demo/generate-month';
import { openSources, SOURCE_DEFAULTS, type Sources } from '../src/sources/sources';
import { pointTo, serveEngine } from './helpers/embedded-athena';
import { bca, temporaryFolder } from './helpers/world';

const folder = temporaryFolder();
const AS_OF = new Date('2026-11-02T06:00:00Z');
let sources: Sources;
let endpoint: AthenaEndpoint;
let pointBack: () => void;

beforeAll(async () => {
  await generateMonth({ folder: folder.path, calls: 3000 });
  sources = await openSources({
    logs: [join(folder.path, 'logs')], bill: [join(folder.path, 'bill')], schema: join(folder.path, 'attribution-schema.json'),
    profiles: join(folder.path, 'profiles.json'), principals: join(folder.path, 'principals.json'), ...SOURCE_DEFAULTS, asOf: AS_OF, by: [],
  });
  await sources.engine.run('CREATE TABLE ledger_health (window_from DATE, window_to DATE, malformed_lines BIGINT)');
  endpoint = await serveEngine(sources.engine);
  pointBack = pointTo(endpoint);
});

beforeEach(() => { endpoint.reset(); });

afterEach(async () => { await sources.engine.run('DELETE FROM ledger_health'); });

afterAll(async () => {
  pointBack();
  await endpoint.close();
  sources.engine.close();
  folder.remove();
});

const schema = (): string[] => ['--schema', join(folder.path, 'attribution-schema.json')];

async function reports(...options: string[]): Promise<{ embedded: Record<string, unknown>; athena: Record<string, unknown>; err: string }> {
  const embedded = await bca('report', '--logs', join(folder.path, 'logs'), '--bill', join(folder.path, 'bill'), ...schema(), '--profiles',
    join(folder.path, 'profiles.json'), '--principals', join(folder.path, 'principals.json'), '--as-of', AS_OF.toISOString(), '--format', 'json', ...options);
  const athena = await bca('report', '--athena', ...schema(), '--format', 'json', ...options);
  expect(athena).toMatchObject({ code: 0 });
  return { embedded: comparable(embedded.out), athena: comparable(athena.out), err: athena.err };
}

/** A report without what the deployed views do not know: the instant that was asked for, and malformed lines by file. */
function comparable(json: string): Record<string, unknown> {
  const { as_of: asOf, totals, quality, ...others } = JSON.parse(json) as { as_of: string; totals: object; quality: object };
  expect(new Date(asOf).toISOString()).toBe(asOf);
  return { ...others, totals: { ...totals, malformed_lines: 'apart' }, quality: { ...quality, malformed: 'apart' } };
}

test.each([
  ['of the month', []],
  ['by one key', ['--by', 'team']],
  ['of a period', ['--from', '2026-10-05', '--to', '2026-10-11']],
  ['of days without anything', ['--from', '2026-09-01', '--to', '2026-09-02']],
])('a report %s has the numbers of the embedded engine', async (_, options) => {
  const { embedded, athena } = await reports(...options);
  if (!options.includes('2026-09-01')) expect(athena).toEqual(embedded);
  else expect(athena).toMatchObject({ groups: [], totals: { requests: 0, billed_usd: null, estimated_usd: null } });
});

test('pages of any size give the same report', async () => {
  const [whole] = [await bca('report', '--athena', ...schema(), '--format', 'csv')];
  endpoint.reset();
  endpoint.pageRows = 7;
  const paged = await bca('report', '--athena', ...schema(), '--format', 'csv');
  expect(paged.out).toBe(whole.out);
  expect(endpoint.inputsOf('GetQueryResults').length).toBeGreaterThan(3 * endpoint.inputsOf('StartQueryExecution').length);
});

test('no query reads the raw logs or the raw bill', async () => {
  await bca('report', '--athena', ...schema(), '--format', 'json');
  const asked = endpoint.inputsOf('StartQueryExecution').map(({ QueryString }) => String(QueryString));
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter(sql => /invocation_records|invocation_logs|cost_and_usage|bill_lines/.test(sql))).toEqual([]);
});

test('says what was read, and what that costs at list price', async () => {
  const { err } = await bca('report', '--athena', ...schema(), '--format', 'json');
  expect(err).toMatch(/^Athena read \d+\.\d kB in \d+ queries: less than \$0\.01 at \$5 per TB, the list price of us-east-1/m);
});

test('results are taken again only when that is asked for', async () => {
  await bca('report', '--athena', ...schema(), '--format', 'json');
  expect(endpoint.inputsOf('StartQueryExecution').every(input => input.ResultReuseConfiguration === undefined)).toBe(true);
  endpoint.reset();
  await bca('report', '--athena', ...schema(), '--format', 'json', '--reuse-minutes', '60');
  expect(endpoint.inputsOf('StartQueryExecution')[0].ResultReuseConfiguration)
    .toEqual({ ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes: 60 } });
});

describe('malformed lines', () => {
  const lines = async (): Promise<unknown> => {
    const { out } = await bca('report', '--athena', ...schema(), '--format', 'json', '--from', '2026-10-05', '--to', '2026-10-08');
    return (JSON.parse(out) as { totals: { malformed_lines: unknown } }).totals.malformed_lines;
  };

  test.each([
    ['there are none when every day was looked at and none was found', `('2026-10-04', '2026-10-06', 0), ('2026-10-06', '2026-10-08', 0)`, 0],
    ['nobody knows how many when a run has found some', `('2026-10-04', '2026-10-06', 2), ('2026-10-06', '2026-10-08', 0)`, null],
    ['nobody knows of a day that no run has looked at', `('2026-10-04', '2026-10-05', 0), ('2026-10-07', '2026-10-08', 0)`, null],
    ['nobody knows of a last day that no run has looked at', `('2026-10-04', '2026-10-07', 0)`, null],
  ])('%s', async (_, runs, expected) => {
    await sources.engine.run(`INSERT INTO ledger_health VALUES ${runs}`);
    expect(await lines()).toBe(expected);
  });

  test('a report says that nobody has counted them', async () => {
    const { out } = await bca('report', '--athena', ...schema());
    expect(out).toContain('ledger_health');
  });
});

test('without a schema it says what it did not look for', async () => {
  const { err, code } = await bca('report', '--athena', '--by', 'team', '--format', 'json');
  expect(code).toBe(0);
  expect(err).toContain('no schema was given');
});

describe('what goes wrong', () => {
  test.each([
    ['a failed query', { state: 'FAILED', reason: 'HIVE_CURSOR_ERROR: a file is damaged' } as const, 'Athena failed the query: HIVE_CURSOR_ERROR: a file is damaged'],
    ['a query that reads too much', { state: 'CANCELLED', reason: 'Query cancelled! : Bytes scanned limit was exceeded' } as const, 'ask for a shorter period'],
    ['a table that is not there', { state: 'FAILED', reason: `TABLE_NOT_FOUND: line 1:15: Table 'x.invocations' does not exist` } as const, 'check --database'],
    ['a key that the views lack', { state: 'FAILED', reason: `COLUMN_NOT_FOUND: line 1:8: Column 'team' cannot be resolved` } as const, 'have no such column'],
    ['data that may not be read', { state: 'FAILED', reason: 'Access Denied (Service: Amazon S3; Status Code: 403)' } as const, 'needs to run queries in the workgroup'],
  ])('%s ends in one sentence, and every other query is stopped', async (_, fate, sentence) => {
    endpoint.polls = 3;
    endpoint.end({ ...fate, when: /schema_violations/ });
    const { code, out, err } = await bca('report', '--athena', ...schema());
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(sentence);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(endpoint.states.filter(state => state === 'QUEUED' || state === 'RUNNING')).toEqual([]);
  });

  test('a query that may succeed when it is sent again is sent again', async () => {
    endpoint.end({ state: 'FAILED', reason: 'GENERIC_INTERNAL_ERROR: a node was lost', retryable: true, when: /schema_violations/, times: 1 });
    expect(await bca('report', '--athena', ...schema())).toMatchObject({ code: 0 });
  });

  test('a query that fails again and again is given up', async () => {
    endpoint.end({ state: 'FAILED', reason: 'GENERIC_INTERNAL_ERROR: a node was lost', retryable: true, when: /IS NULL$/ });
    const { code, err } = await bca('report', '--athena', ...schema());
    expect(code).toBe(2);
    expect(err).toContain('a node was lost');
    const sent = endpoint.inputsOf('StartQueryExecution').filter(({ QueryString }) => String(QueryString).endsWith('IS NULL'));
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map(({ ClientRequestToken }) => String(ClientRequestToken))).size).toBe(3);
  });

  test('throttled calls are repeated', async () => {
    endpoint.fail('StartQueryExecution', { code: 'TooManyRequestsException', message: 'Rate exceeded', times: 3 });
    endpoint.fail('GetQueryExecution', { code: 'ThrottlingException', message: 'Rate exceeded', times: 2 });
    expect(await bca('report', '--athena', ...schema())).toMatchObject({ code: 0 });
  });

  test.each([
    ['another workgroup', ['--workgroup', 'other'], 'check --workgroup'],
    ['another database', ['--database', 'other'], 'check --database other'],
  ])('%s is named', async (_, options, sentence) => {
    const { code, err } = await bca('report', '--athena', ...schema(), ...options);
    expect(code).toBe(2);
    expect(err).toContain(sentence);
  });

  test('refused credentials are named', async () => {
    endpoint.fail('StartQueryExecution', { code: 'UnrecognizedClientException', message: 'The security token included in the request is invalid.' });
    const { code, err } = await bca('report', '--athena', ...schema());
    expect(code).toBe(2);
    expect(err).toContain('aws sso login');
  });

  test('Ctrl-C stops the queries that run', async () => {
    endpoint.polls = 1000;
    const answer = bca('report', '--athena', ...schema());
    while (endpoint.states.length < 3) await new Promise(resolve => setTimeout(resolve, 20));
    process.emit('SIGINT');
    expect(await answer).toMatchObject({ code: 130, out: '' });
    expect(new Set(endpoint.states)).toEqual(new Set(['CANCELLED']));
  });
});

describe('options', () => {
  test.each([
    ['--logs', ['--logs', 'x']], ['--bill', ['--bill', 'x']], ['--prices', ['--prices', 'x']], ['--profiles', ['--profiles', 'x']],
    ['--principals', ['--principals', 'x']], ['--cost', ['--cost', 'net']], ['--attribution-order', ['--attribution-order', 'resourceTags']],
    ['--as-of', ['--as-of', '2026-10-05']], ['--settlement-hours', ['--settlement-hours', '1']],
  ])('fails with %s, which the deployed views have decided', async (name, options) => {
    const { code, err } = await bca('report', '--athena', ...options);
    expect(code).toBe(2);
    expect(err).toContain(`${name} cannot be given with --athena`);
    expect(endpoint.calls).toEqual([]);
  });

  test.each([
    ['--workgroup', 'x'], ['--database', 'x'], ['--region', 'x'], ['--profile', 'x'], ['--reuse-minutes', '5'],
  ])('fails with %s where files are read', async (name, value) => {
    const { code, err } = await bca('report', '--logs', folder.path, name, value);
    expect(code).toBe(2);
    expect(err).toContain(`${name} can only be given with --athena`);
  });

  test.each([
    ['a key that could be more than a name', ['--by', 'team; DROP TABLE x'], 'can be no key'],
    ['a key that the schema lacks', ['--by', 'planet', '--schema', 'SCHEMA'], 'the schema has no key "planet"'],
    ['more minutes than a week', ['--reuse-minutes', '10081'], 'at most 10080'],
  ])('fails with %s', async (_, options, sentence) => {
    const { code, err } = await bca('report', '--athena', ...options.map(option => option === 'SCHEMA' ? schema()[1] : option));
    expect(code).toBe(2);
    expect(err).toContain(sentence);
    expect(endpoint.calls).toEqual([]);
  });
});
