import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Report } from '../src/report/report-contract';
import type { SourceOptions } from '../src/sources/sources';
import { ACCOUNT, bca, record, temporaryFolder, withSources, writeBill, writeLogs } from './helpers/world';

const scratch = temporaryFolder();
const at = (...path: string[]): string => join(scratch.path, ...path);
const session = (role: string): string => `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/worker`;
let logs: string;
let bill: string;

function write(name: string, content: string | Buffer | object): string {
  writeFileSync(at(name), typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
  return at(name);
}

async function reportOf(...argv: string[]): Promise<Report> {
  const { code, out, err } = await bca('report', '--format', 'json', '--as-of', '2026-11-21', ...argv);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as Report;
}

beforeAll(async () => {
  logs = writeLogs(at('logs'), ['05', '06', '07'].map(day => record({
    requestId: day, day: `2026-10-${day}`, metadata: { team: 'search', service: 'index', env: 'prod' }, input: 1000, output: 10,
  })));
  bill = await writeBill(at('bill'), ['05', '06', '07'].map(day => ({ day: `2026-10-${day}`, usd: Number(day), tags: { 'iamPrincipal/team': 'search', 'iamPrincipal/service': 'index' } })));
});

afterAll(() => { scratch.remove(); });

describe('a report that is asked for wrongly', () => {
  afterEach(() => { rmSync(at('never.txt'), { force: true }); });

  beforeAll(async () => {
    mkdirSync(at('empty'));
    mkdirSync(at('lonely'));
    write('lonely/cut.json.gz', gzipSync(readFileSync(logs)).subarray(0, 30));
    write('text.parquet', 'line_item_usage_account_id,line_item_unblended_cost\n');
    write('no.json', 'keys: [team]');
    write('bad-schema.json', { version: 1, keys: [{ name: 'Team', description: 'x' }, { name: 'env', description: 'x', required: 'yes' }] });
    write('bad-prices.json', { entries: [{ model: 'm', token_type: 'words', usd: -1 }] });
    write('no-arn.json', [{ inferenceProfileName: 'x' }]);
    write('twice.json', [{ inference_profile_arn: 'arn:x', model_source: 'm' }, { inferenceProfileArn: 'arn:x', models: [] }]);
    write('principals.json', [{ tags: { team: 'x' } }]);
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(`COPY (SELECT 1 AS id) TO '${at('other.parquet')}' (FORMAT parquet)`);
    connection.closeSync();
    instance.closeSync();
  });

  test.each<[string, () => string[], RegExp]>([
    ['nothing to read', () => [], /nothing to read: give --logs PATH, --bill PATH, or both/],
    ['an empty folder of logs', () => ['--logs', at('empty')], /empty" holds no log files/],
    ['an empty folder of bills', () => ['--bill', at('empty')], /empty" holds no bill files/],
    ['a path that does not exist', () => ['--logs', at('missing')], /missing" does not exist/],
    ['a pattern that matches nothing', () => ['--logs', at('logs', '*.gz')], /\*\.gz" holds no log files/],
    ['a bill that does not exist beside logs that do', () => ['--logs', logs, '--bill', at('missing.parquet')], /missing\.parquet" does not exist/],
    ['nothing but an unreadable gzip', () => ['--logs', at('lonely')], /none of the 1 log file\(s\) can be read.*cut\.json\.gz": truncated gzip/],
    ['text under a name of Parquet', () => ['--bill', at('text.parquet')], /text\.parquet" is no Parquet file/],
    ['a Parquet that is no bill', () => ['--bill', at('other.parquet')], /other\.parquet" is no CUR 2\.0 bill: it has no column line_item_usage_account_id/],
    ['a schema that does not exist', () => ['--logs', logs, '--schema', at('missing.json')], /the schema .*missing\.json" cannot be read/],
    ['a schema that is not JSON', () => ['--logs', logs, '--schema', at('no.json')], /no\.json" is no attribution schema/],
    ['a schema with problems', () => ['--logs', logs, '--schema', at('bad-schema.json')], /bad-schema\.json" is no attribution schema: [^]*required[^]*Team/],
    ['a key that the schema does not know', () => ['--logs', logs, '--by', 'team,squad'], /the schema has no key "squad": --by takes team, service/],
    ['a key asked for twice', () => ['--logs', logs, '--by', 'team,team'], /a name stands there twice/],
    ['no key at all', () => ['--logs', logs, '--by', ','], /give at least one name/],
    ['a first day that is no day', () => ['--logs', logs, '--from', 'October'], /"October" is no day: give it as YYYY-MM-DD/],
    ['a last day that does not exist', () => ['--logs', logs, '--to', '2026-02-30'], /"2026-02-30" is no day: give it as YYYY-MM-DD/],
    ['a period that ends before it begins', () => ['--logs', logs, '--from', '2026-10-07', '--to', '2026-10-06'], /the period ends before it begins/],
    ['an instant that is none', () => ['--logs', logs, '--as-of', 'yesterday'], /'--as-of <time>' argument 'yesterday' is invalid.*2026-11-02T00:00:00Z/],
    ['an instant on a day that does not exist', () => ['--logs', logs, '--as-of', '2026-02-30'], /'--as-of <time>' argument '2026-02-30' is invalid/],
    ['settlement hours that are no number', () => ['--logs', logs, '--settlement-hours', '3d'], /give a whole number of hours/],
    ['an unknown source of attribution', () => ['--logs', logs, '--attribution-order', 'costCategory'], /"costCategory" is neither iamPrincipal nor resourceTags/],
    ['an unknown format', () => ['--logs', logs, '--format', 'xml'], /Allowed choices are table, json, csv, html/],
    ['an unknown column of dollars', () => ['--logs', logs, '--cost', 'gross'], /Allowed choices are unblended, net/],
    ['prices that are none', () => ['--logs', logs, '--prices', at('bad-prices.json')], /bad-prices\.json" cannot be used as a price file: [^]*token_type is "words"[^]*usd is -1/],
    ['profiles without ARN', () => ['--logs', logs, '--profiles', at('no-arn.json')], /no-arn\.json", entry 1: it has no "inference_profile_arn"/],
    ['profiles that list one ARN twice', () => ['--logs', logs, '--profiles', at('twice.json')], /twice\.json" lists "arn:x" twice: keep one/],
    ['profiles that are not JSON', () => ['--logs', logs, '--profiles', at('no.json')], /no\.json" is neither JSON nor one JSON object per line/],
    ['principals without ARN', () => ['--logs', logs, '--principals', at('principals.json')], /principals\.json", entry 1: it has no "principal_arn"/],
    ['an unknown option', () => ['--logs', logs, '--group', 'team'], /unknown option '--group'/],
  ])('fails for %s: a sentence, exit code 2 and nothing written', async (_, argv, sentence) => {
    const { code, out, err } = await bca('report', ...argv(), '--out', at('never.txt'));
    expect({ code, out, written: existsSync(at('never.txt')) }).toEqual({ code: 2, out: '', written: false });
    expect(err).toMatch(sentence);
    expect(err).not.toMatch(/\n\s+at |undefined|\[object/);
  });

  test('fails for a file that cannot be written', async () => {
    const { code, err } = await bca('report', '--logs', logs, '--out', at('missing', 'report.txt'));
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(/report\.txt" cannot be written/) as string });
  });
});

describe('a report', () => {
  const FIELDS = {
    '': ['period', 'by', 'as_of', 'totals', 'groups', 'unattributed', 'coverage', 'quality'],
    'period': ['from', 'to'],
    'totals': [
      'requests', 'failed_requests', 'blocked_requests', 'partial_requests', 'duplicate_records', 'malformed_lines', 'input_tokens', 'output_tokens',
      'cache_read_tokens', 'cache_write_tokens', 'estimated_usd', 'unpriced_requests', 'billed_usd', 'attributed_usd', 'unattributed_usd', 'adjustments_usd',
    ],
    'groups': [
      'keys', 'requests', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens', 'estimated_usd', 'billed_usd', 'enforced_usd', 'declared_usd',
    ],
    'unattributed': ['reason', 'usd'],
    'coverage': ['account_id', 'region', 'status', 'logged_requests', 'billed_usd', 'silent_days', 'silent_usd'],
    'quality': [
      'no_metadata', 'schema_violations', 'forged_claims', 'tag_conflicts', 'tag_spelling_variants', 'unmapped_models', 'malformed',
    ],
  };
  let both: Report;

  beforeAll(async () => {
    const broken = writeLogs(at('with-malformed'), [readFileSync(logs, 'utf8').trim(), 'broken']);
    const untagged = await writeBill(at('untagged'), [{ day: '2026-10-09', usd: 3, tags: { 'resourceTags/Team': 'x' } }]);
    both = await reportOf('--logs', broken, '--bill', bill, untagged);
  });

  test.each(Object.entries(FIELDS))('has exactly the fields of its contract: %s', (name, fields) => {
    const part = name === '' ? both : both[name as keyof Report];
    const objects = (Array.isArray(part) ? part : [part]) as object[];
    expect(objects.length).toBeGreaterThan(0);
    for (const object of objects) expect(Object.keys(object)).toEqual(fields);
  });

  test('names malformed lines by file, line and why', () => {
    expect(both.quality.malformed).toEqual([{ file: at('with-malformed', 'records.jsonl'), line: 4, why: 'not JSON' }]);
    expect(both.totals.malformed_lines).toBe(1);
  });

  test('names tags that are a key but for upper and lower case', () => {
    expect(both.quality.tag_spelling_variants).toEqual(['resourceTags/Team']);
  });

  test('of logs and bill has both estimate and dollars', () => {
    expect(both.totals).toMatchObject({ requests: 3, billed_usd: 21, attributed_usd: 18, unattributed_usd: 3, adjustments_usd: 0 });
    expect(both.totals.estimated_usd).toBeCloseTo(3 * (1000 * 3.3 + 10 * 16.5) / 1e6, 9);
    expect(both.unattributed).toEqual([{ reason: 'region_not_logged', usd: 3 }]);
  });

  test('of logs alone leaves null what only the bill says', async () => {
    const { totals, groups, unattributed, coverage, quality } = await reportOf('--logs', logs);
    expect(totals).toMatchObject({ requests: 3, billed_usd: null, attributed_usd: null, unattributed_usd: null, adjustments_usd: null });
    expect(totals.estimated_usd).toBeGreaterThan(0);
    expect(groups).toMatchObject([{ keys: { team: 'search', service: 'index' }, billed_usd: null, enforced_usd: null, declared_usd: null }]);
    expect(unattributed).toEqual([]);
    expect(coverage).toEqual([{ account_id: ACCOUNT, region: 'us-east-1', status: 'logged', logged_requests: 3, billed_usd: null, silent_days: null, silent_usd: null }]);
    expect(quality).toMatchObject({ tag_conflicts: 0, forged_claims: null });
  });

  test('of a bill alone leaves null what only logs say', async () => {
    const { totals, groups, coverage } = await reportOf('--bill', bill);
    expect(totals).toMatchObject({ requests: 0, estimated_usd: null, billed_usd: 18, attributed_usd: 18, unattributed_usd: 0 });
    expect(groups).toMatchObject([{ keys: { team: 'search', service: 'index' }, estimated_usd: null, billed_usd: 18, enforced_usd: 18, declared_usd: 0 }]);
    expect(coverage).toMatchObject([{ status: 'silent', silent_days: 3, silent_usd: 18 }]);
  });

  test.each([
    ['from a day on', ['--from', '2026-10-06'], 2, 13, '2026-10-06', '2026-10-07'],
    ['up to a day', ['--to', '2026-10-06'], 2, 11, '2026-10-05', '2026-10-06'],
    ['of one day', ['--from', '2026-10-06', '--to', '2026-10-06'], 1, 6, '2026-10-06', '2026-10-06'],
    ['of a day without anything', ['--from', '2026-01-01', '--to', '2026-01-01'], 0, 0, '2026-01-01', '2026-01-01'],
  ])('%s counts its first and its last day', async (_, period, requests, billed, from, to) => {
    const { totals, groups, coverage, ...report } = await reportOf('--logs', logs, '--bill', bill, ...period);
    expect(report.period).toEqual({ from, to });
    expect(totals).toMatchObject({ requests, billed_usd: billed, input_tokens: requests * 1000 });
    expect(groups.reduce((sum, group) => sum + (group.billed_usd ?? 0), 0)).toBe(billed);
    expect(coverage.reduce((sum, place) => sum + place.logged_requests, 0)).toBe(requests);
  });

  test.each([
    ['json', /^\{\n {2}"period"/],
    ['csv', /^team,service,requests,/],
    ['html', /^<!doctype html>/i],
    ['table', /search +.*index/],
  ])('as %s says in a file what it says on the terminal', async (format, shape) => {
    const argv = ['report', '--logs', logs, '--bill', bill, '--as-of', '2026-11-21', '--format', format];
    const shown = await bca(...argv);
    const written = await bca(...argv, '--out', at(`report.${format}`));
    expect(shown).toMatchObject({ code: 0, err: '', out: expect.stringMatching(shape) as string });
    expect(written).toEqual({ code: 0, out: '', err: '' });
    expect(readFileSync(at(`report.${format}`), 'utf8')).toBe(shown.out);
  });
});

describe('a forged claim', () => {
  const claim = (caller: string, metadata: Record<string, string>): string =>
    record({ requestId: caller, arn: session(caller), metadata, input: 1, output: 1 });
  let listed: string;
  let claims: string;
  let tagged: string;

  beforeAll(async () => {
    claims = writeLogs(at('claims'), [
      claim('honest', { env: 'dev' }), claim('liar', { env: 'prod' }), claim('changing', { env: 'prod' }), claim('untagged', { env: 'prod' }),
      claim('listed', { env: 'prod' }), claim('gateway', { team: 'search' }), claim('gateway-liar', { team: 'search', env: 'prod' }),
      claim('resource', { env: 'prod' }), claim('not-enforced', { feature: 'other' }), claim('silent', {}), claim('by-role', { env: 'prod' }),
    ]);
    tagged = await writeBill(at('claims'), [
      ...['honest', 'liar', 'changing', 'silent'].map(name => ({ usd: 1, principal: session(name), tags: { 'iamPrincipal/env': 'dev' } })),
      { usd: 1, principal: session('changing'), tags: { 'iamPrincipal/env': 'prod' } },
      { usd: 1, principal: session('untagged') },
      { usd: 1, principal: session('resource'), tags: { 'resourceTags/env': 'dev' } },
      { usd: 1, principal: session('not-enforced'), tags: { 'iamPrincipal/feature': 'one' } },
      { usd: 1, principal: session('gateway'), tags: { 'iamPrincipal/team': 'platform' } },
      { usd: 1, principal: `arn:aws:iam::${ACCOUNT}:role/path/by-role`, tags: { 'iamPrincipal/env': 'dev' } },
    ]);
    listed = write('claims.json', [
      { principal_arn: `arn:aws:iam::${ACCOUNT}:role/listed`, tags: { env: 'dev' } },
      { principal_arn: `arn:aws:iam::${ACCOUNT}:role/liar`, tags: { env: 'prod' } },
      ...['gateway', 'gateway-liar'].map(name => ({ principal_arn: `arn:aws:iam::${ACCOUNT}:role/${name}`, tags: { team: 'platform', env: 'dev' }, declares_for_others: ['team'] })),
    ]);
  });

  const found = (options: Partial<SourceOptions>): Promise<string[]> => withSources({ logs: [claims], ...options }, async ({ engine }) => {
    const rows = await engine.rows(`SELECT concat_ws(' ', bedrock_request_id, attribution_key, declared_value, enforced_value) AS claim
      FROM forged_claims ORDER BY 1`);
    return rows.map(row => String(row.claim));
  });

  test('is a declared value other than the single one that the bill or, without it, the list of principals enforces', async () => {
    expect(await found({ bill: [tagged], principals: listed })).toEqual([
      'by-role env prod dev', 'gateway-liar env prod dev', 'liar env prod dev', 'listed env prod dev',
    ]);
  });

  test('is found by the bill alone, where a gateway is not known for one', async () => {
    expect(await found({ bill: [tagged] })).toEqual(['by-role env prod dev', 'gateway team search platform', 'liar env prod dev']);
  });

  test('is found by the list of principals alone, keys that are declared for others exempt', async () => {
    expect(await found({ principals: listed })).toEqual(['gateway-liar env prod dev', 'listed env prod dev']);
  });

  test('is found where a tag of the list differs from the key in case only, as IAM takes them for the same', async () => {
    const shouted = write('shouted.json', [{ principal_arn: `arn:aws:iam::${ACCOUNT}:role/listed`, tags: { ENV: 'dev' } }]);
    expect(await found({ principals: shouted })).toEqual(['listed env prod dev']);
  });

  test('is counted once per request, and null where nothing says what is enforced', async () => {
    const anonymous = await writeBill(at('anonymous'), [{ usd: 1 }], ['line_item_iam_principal']);
    expect((await reportOf('--logs', claims, '--bill', tagged)).quality.forged_claims).toBe(3);
    expect((await reportOf('--logs', claims, '--principals', listed)).quality.forged_claims).toBe(2);
    const { code, out } = await bca('report', '--format', 'json', '--logs', claims, '--bill', anonymous);
    expect([code, (JSON.parse(out) as Report).quality.forged_claims]).toEqual([0, null]);
  });
});

describe('a violation of the schema', () => {
  const METADATA: Record<string, Record<string, string> | undefined> = {
    'fine': { team: 'search', env: 'dev', ticket: 'T-12' },
    'no-metadata': undefined,
    'case-variant': { Team: 'search' },
    'unknown-key': { team: 'search', color: 'red' },
    'missing': { env: 'dev' },
    'empty': { team: '' },
    'illegal-value': { team: 'search', env: 'qa' },
    'illegal-case': { team: 'search', env: 'DEV' },
    'half-a-pattern': { team: 'search', ticket: 'T-12x' },
    'personal': { team: 'search', person: '9f86d081' },
    'deprecated': { team: 'search', squad: 'blue' },
    'both-names': { team: 'search', squad: 'old', crew: 'new' },
    'several': { color: 'red', shape: 'round', env: 'qa' },
  };
  let violations: Map<string, string[]>;
  let crews: Map<string, unknown>;
  let schema: string;
  let metadataLogs: string;

  beforeAll(async () => {
    const optional = { description: 'A key.' };
    schema = write('schema.json', { version: 1, keys: [
      { name: 'team', ...optional, required: true },
      { name: 'env', ...optional, allowedValues: ['dev', 'prod'] },
      { name: 'ticket', ...optional, pattern: 'T-[0-9]+|none' },
      { name: 'person', ...optional, personal: true, pattern: '[a-z]+@example' },
      { name: 'crew', ...optional },
      { name: 'squad', ...optional, deprecatedInFavourOf: 'crew' },
      { name: 'later', ...optional, required: true, requiredFrom: '2026-12-01' },
    ] });
    metadataLogs = writeLogs(at('metadata'), Object.entries(METADATA).map(([requestId, metadata]) => record({ requestId, metadata, input: 1, output: 1 })));
    await withSources({ logs: [metadataLogs], schema }, async ({ engine }) => {
      violations = new Map();
      for (const row of await engine.rows('SELECT * FROM schema_violations ORDER BY bedrock_request_id, violation, metadata_key')) {
        const id = String(row.bedrock_request_id);
        violations.set(id, [...violations.get(id) ?? [], `${String(row.violation)} ${String(row.metadata_key)} ${String(row.metadata_value)}`]);
      }
      crews = new Map((await engine.rows('SELECT bedrock_request_id AS id, crew FROM invocations')).map(row => [String(row.id), row.crew]));
    });
  });

  test.each([
    ['nothing in metadata that keeps every rule', 'fine', undefined],
    ['nothing without metadata', 'no-metadata', undefined],
    ['a key in another case, as an unknown one and a missing one', 'case-variant', ['required_missing team null', 'unknown_key Team search']],
    ['a key that the schema does not know', 'unknown-key', ['unknown_key color red']],
    ['a required key that is not there', 'missing', ['required_missing team null']],
    ['a required key without value', 'empty', ['required_missing team null']],
    ['a value that is not allowed', 'illegal-value', ['value_not_allowed env qa']],
    ['an allowed value in another case', 'illegal-case', ['value_not_allowed env DEV']],
    ['a value of which only a part matches the pattern', 'half-a-pattern', ['value_not_allowed ticket T-12x']],
    ['no personal value, which arrives as a hash', 'personal', undefined],
    ['no key under its deprecated name', 'deprecated', undefined],
    ['several rules broken by one request', 'several', ['required_missing team null', 'unknown_key color red', 'unknown_key shape round', 'value_not_allowed env qa']],
  ])('is %s', (_, id, expected) => { expect(violations.get(id)).toEqual(expected); });

  test('is a key that is required later from that day on only, and never one that does not ride on metadata', async () => {
    const keys = [
      { name: 'later', description: 'A key.', required: true, requiredFrom: '2026-10-05' },
      { name: 'tagged', description: 'A key.', required: true, carriers: ['resourceTag'] },
    ];
    const logs = writeLogs(at('later'), ['2026-10-04', '2026-10-05'].map(day => record({ requestId: day, day, metadata: { other: 'x' }, input: 1, output: 1 })));
    await withSources({ logs: [logs], schema: write('later.json', { version: 1, keys }), by: [] }, async ({ engine }) => {
      const rows = await engine.rows(`SELECT bedrock_request_id AS id, metadata_key FROM schema_violations WHERE violation = 'required_missing'`);
      expect(rows).toEqual([{ id: '2026-10-05', metadata_key: 'later' }]);
    });
  });

  test('does not keep a deprecated name from being read as its successor, whose own name comes first', () => {
    expect([crews.get('deprecated'), crews.get('both-names')]).toEqual(['blue', 'new']);
  });

  test('is counted once per request, apart from requests without metadata', async () => {
    const { quality } = await reportOf('--logs', metadataLogs, '--schema', schema, '--by', 'team');
    expect(quality).toMatchObject({ schema_violations: 8, no_metadata: 1 });
  });
});
