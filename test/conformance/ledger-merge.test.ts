import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSources, SOURCE_DEFAULTS, type Sources } from '../../cli/src/sources/sources';
import { ledgerTables } from '../../lib/analytics/usage-ledger/ledger-tables';
import { AttributionSchema } from '../../lib/schema';
import { VIEW_PARAMETERS } from '../analytics/usage-ledger/view-parameters';
import { expectSameRows } from './compare';
import { LOGS } from './lake/catalog';
import { type Call, LedgerLake } from './ledger/ledger-lake';

const RECORD_COLUMNS = 'bedrock_request_id, called_at, usage_date, account_id, region, model_id, model, route, route_prefix, error_code, record_status, '
  + 'record_count, caller, caller_role, request_metadata, input_tokens, output_tokens, cache_read_tokens, team, service';
const PROFILE = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123';

function call(requestId: string, timestamp: string, rest: Record<string, unknown> = {}): Call {
  return { requestId, timestamp, ...rest };
}

/** What the embedded engine makes of the same logs, read at once. */
async function embedded(ledger: LedgerLake, schema: AttributionSchema): Promise<Sources> {
  const folder = mkdtempSync(join(tmpdir(), 'schema-'));
  try {
    writeFileSync(join(folder, 'schema.json'), schema.toJson());
    return await openSources({ ...SOURCE_DEFAULTS, logs: [ledger.lake.bucket(LOGS)], schema: join(folder, 'schema.json'), asOf: new Date('2026-11-01'), by: [] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function expectEmbeddedRecords(ledger: LedgerLake, schema: AttributionSchema): Promise<void> {
  const { engine } = await embedded(ledger, schema);
  try {
    const sql = `SELECT ${RECORD_COLUMNS} FROM`;
    expectSameRows('the ledger', await ledger.rows(`${sql} usage_ledger`), await engine.rows(`${sql} invocation_records`));
  } finally {
    engine.close();
  }
}

/** Shipped aliases and prices, as the embedded engine has them. */
async function fillDimensions(ledger: LedgerLake, schema: AttributionSchema): Promise<void> {
  const { engine } = await embedded(ledger, schema);
  for (const name of ['model_aliases', 'price_book']) ledger.dimension(name, await engine.rows(`SELECT * FROM ${name}`));
  engine.close();
}

async function succeed(ledger: LedgerLake, startTime: string, input?: unknown): Promise<readonly string[]> {
  const { status, error, cause, path } = await ledger.run(startTime, input);
  if (status !== 'SUCCEEDED') throw new Error(`${path.join(' > ')}: ${error} ${cause}`);
  return path;
}

const STARTER = AttributionSchema.starter();

test('a run makes the tables, merges and measures; a second one changes nothing', async () => {
  const ledger = new LedgerLake(STARTER);
  ledger.deliver('2026-10-01T13', 'a', [call('1', '2026-10-01T13:00:00Z'), '{"schemaType":"Mod', call('2', '2026-10-01T13:10:00Z')]);
  const path = await succeed(ledger, '2026-10-01T14:00:00Z');
  expect(path.filter(state => state === 'CreateTable')).toHaveLength(ledgerTables(VIEW_PARAMETERS).length);
  const before = await ledger.rows('SELECT * FROM usage_ledger ORDER BY bedrock_request_id');
  expect(before.map(row => row.bedrock_request_id)).toEqual(['1', '2']);

  const again = await succeed(ledger, '2026-10-01T15:00:00Z');
  expect(again).not.toContain('CreateTable');
  expect(again).not.toContain('ReplaceBill');
  expect(again).not.toContain('MaintainTables');
  expect(await ledger.rows('SELECT * FROM usage_ledger ORDER BY bedrock_request_id')).toEqual(before);
  expect(await ledger.rows('SELECT usage_date, requests, input_tokens, team FROM usage_daily'))
    .toEqual([{ usage_date: '2026-10-01', requests: 2, input_tokens: 20, team: 'search' }]);
  expect(await ledger.rows(`SELECT kind, log_lines, malformed_lines, undated_records, merged_records, ledger_records, lag_hours FROM ledger_health
    WHERE kind = 'hourly' ORDER BY run_at`)).toEqual([
    { kind: 'hourly', log_lines: 3, malformed_lines: 1, undated_records: 0, merged_records: 2, ledger_records: 2, lag_hours: 50 / 60 },
    { kind: 'hourly', log_lines: 3, malformed_lines: 1, undated_records: 0, merged_records: 0, ledger_records: 2, lag_hours: 110 / 60 },
  ]);
  const [{ arguments: metrics }] = ledger.calls;
  expect(metrics).toMatchObject({ MetricData: [
    { MetricName: 'MalformedLines', Value: 1 }, { MetricName: 'UndatedRecords', Value: 0 }, { MetricName: 'QuarantinedObjects', Value: 0 },
    { MetricName: 'LedgerLagHours', Value: 50 / 60 },
  ] });
});

test('a body that reads like a record is neither merged nor counted', async () => {
  const ledger = new LedgerLake(STARTER);
  ledger.deliver('2026-10-01T13', 'a', [call('good', '2026-10-01T13:00:00Z')]);
  ledger.deliverBody('2026-10-01T13', 'good_input', [call('forged', '2026-10-01T13:00:00Z')]);
  await succeed(ledger, '2026-10-01T14:00:00Z');
  expect(await ledger.rows('SELECT bedrock_request_id FROM usage_ledger')).toEqual([{ bedrock_request_id: 'good' }]);
  expect(await ledger.rows('SELECT sum(requests) AS requests FROM usage_daily')).toEqual([{ requests: 1 }]);
  expect(await ledger.rows('SELECT log_lines, malformed_lines FROM ledger_health WHERE log_lines IS NOT NULL')).toEqual([{ log_lines: 1, malformed_lines: 0 }]);
});

/** Deliveries, by hour: what is late, doubled, partial first, failed first, and across midnight. */
const DELIVERIES: readonly (readonly [hour: string, calls: readonly Call[]])[] = [
  ['2026-09-30T23', [call('midnight', '2026-09-30T23:59:59.500Z'), call('doubled', '2026-09-30T23:10:00Z')]],
  ['2026-10-01T00', [call('doubled', '2026-09-30T23:10:00Z'), call('of-the-day-before', '2026-09-30T23:58:00Z')]],
  ['2026-10-01T10', [
    call('improves', '2026-10-01T10:00:00Z', { operation: 'ConverseStream', output: {} }),
    call('retried', '2026-10-01T10:00:00Z', { errorCode: 'ThrottlingException', input: {}, output: {} }),
    call('one of three', '2026-10-01T10:20:00Z'), call('unicode "ü" \'quoted\'', '2026-10-01T10:21:00Z', { requestMetadata: { team: 'größe \'x\' ☃' } }),
  ]],
  ['2026-10-01T11', [
    call('improves', '2026-10-01T10:00:00Z', { operation: 'ConverseStream' }), call('retried', '2026-10-01T10:00:05Z'),
    call('one of three', '2026-10-01T10:20:00Z'), call('one of three', '2026-10-01T10:20:00Z'),
  ]],
  ['2026-10-02T09', [call('late', '2026-10-01T09:00:00Z'), call('worse later', '2026-10-02T08:00:00Z')]],
  ['2026-10-03T01', [
    call('worse later', '2026-10-02T08:00:00Z', { errorCode: 'InternalServerException', input: {}, output: {} }),
    call('blocked', '2026-10-03T00:30:00Z', { input: {}, output: {} }),
  ]],
];

test('hourly runs end in what the embedded engine reads at once, and so does a backfill', async () => {
  const hourly = new LedgerLake(STARTER);
  for (const [index, [hour, calls]] of DELIVERIES.entries()) {
    hourly.deliver(hour, `file${index}`, calls);
    if (index === 0) await fillDimensions(hourly, STARTER);
    await succeed(hourly, `${hour}:59:00Z`);
  }
  await expectEmbeddedRecords(hourly, STARTER);

  const backfill = new LedgerLake(STARTER);
  for (const [index, [hour, calls]] of DELIVERIES.entries()) backfill.deliver(hour, `file${index}`, calls);
  await fillDimensions(backfill, STARTER);
  await succeed(backfill, '2026-10-20T00:00:00Z', { kind: 'backfill', from: '2026-09-30', to: '2026-10-10' });
  await expectEmbeddedRecords(backfill, STARTER);

  const totals = 'SELECT usage_date, team, requests, failed_requests, blocked_requests, estimated_usd FROM usage_daily';
  expectSameRows('usage_daily', await hourly.rows(totals), await backfill.rows(totals));
  expect(await backfill.rows('SELECT sum(requests) AS requests FROM usage_daily')).toEqual(await backfill.rows('SELECT count(*) AS requests FROM usage_ledger'));
});

test('records that come days late, or whose time cannot be read, are neither lost nor doubled', async () => {
  const ledger = new LedgerLake(STARTER);
  ledger.deliver('2026-10-01T10', 'a', [call('1', '2026-10-01T10:00:00Z')]);
  await succeed(ledger, '2026-10-01T11:00:00Z');
  ledger.deliver('2026-10-12T10', 'b', [
    call('1', '2026-10-01T10:00:00Z'), call('2', '2026-10-02T10:00:00Z'), call('3', 'yesterday'), call('4', '2026-10-12T10:00:00Z'),
  ]);
  await succeed(ledger, '2026-10-12T11:00:00Z');
  const sql = 'SELECT bedrock_request_id, usage_date FROM usage_ledger ORDER BY bedrock_request_id';
  const expected = [
    { bedrock_request_id: '1', usage_date: '2026-10-01' }, { bedrock_request_id: '2', usage_date: '2026-10-02' },
    { bedrock_request_id: '3', usage_date: null }, { bedrock_request_id: '4', usage_date: '2026-10-12' },
  ];
  expect(await ledger.rows(sql)).toEqual(expected);
  await succeed(ledger, '2026-10-12T12:00:00Z');
  expect(await ledger.rows(sql)).toEqual(expected);
  expect(await ledger.rows(`SELECT undated_records, stray_records FROM ledger_health WHERE kind = 'hourly' ORDER BY run_at DESC LIMIT 1`))
    .toEqual([{ undated_records: 1, stray_records: 2 }]);
  expect(await ledger.rows('SELECT sum(requests) AS requests FROM usage_daily')).toEqual([{ requests: 4 }]);

  // the same record with a time that can be read: it moves to its day
  ledger.deliver('2026-10-12T12', 'c', [call('3', '2026-10-12T09:00:00Z')]);
  await succeed(ledger, '2026-10-12T13:00:00Z');
  expect(await ledger.rows(sql)).toEqual(expected.map(row => row.bedrock_request_id === '3' ? { ...row, usage_date: '2026-10-12' } : row));
});

test('a key that is added is a new column: older rows have none, those of the window get theirs', async () => {
  const ledger = new LedgerLake(STARTER);
  const metadata = { requestMetadata: { team: 'search', squad: 'blue' } };
  ledger.deliver('2026-10-01T10', 'a', [call('old', '2026-10-01T10:00:00Z', metadata)]);
  await succeed(ledger, '2026-10-01T11:00:00Z');
  const { keys, ...rest } = JSON.parse(STARTER.toJson()) as { keys: { name: string }[] };
  const team = keys.find(({ name }) => name === 'team');
  ledger.use(AttributionSchema.fromJson(JSON.stringify({ ...rest, keys: [...keys, { ...team, name: 'squad', required: false }] })));
  ledger.deliver('2026-10-10T10', 'b', [call('new', '2026-10-10T10:00:00Z', metadata)]);
  expect(await succeed(ledger, '2026-10-10T11:00:00Z', { kind: 'backfill', from: '2026-10-09', to: '2026-10-10' })).toContain('AddColumns');
  const sql = 'SELECT bedrock_request_id, squad FROM usage_ledger ORDER BY bedrock_request_id';
  expect(await ledger.rows(sql)).toEqual([{ bedrock_request_id: 'new', squad: 'blue' }, { bedrock_request_id: 'old', squad: null }]);
  await succeed(ledger, '2026-10-10T12:00:00Z', { kind: 'backfill', from: '2026-10-01', to: '2026-10-10' });
  expect(await ledger.rows(sql)).toEqual([{ bedrock_request_id: 'new', squad: 'blue' }, { bedrock_request_id: 'old', squad: 'blue' }]);
});

test('a model and a price that become known later are taken over, and not lost again', async () => {
  const ledger = new LedgerLake(STARTER);
  ledger.deliver('2026-10-01T10', 'a', [call('1', '2026-10-01T10:00:00Z', { modelId: PROFILE })]);
  await succeed(ledger, '2026-10-01T11:00:00Z');
  const model = 'SELECT model, route FROM usage_ledger';
  expect(await ledger.rows(model)).toEqual([{ model: null, route: null }]);
  ledger.dimension('inference_profiles', [{ inference_profile_arn: PROFILE, model_source: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0' }]);
  await succeed(ledger, '2026-10-01T12:00:00Z');
  expect(await ledger.rows(model)).toEqual([{ model: 'amazon.nova-micro-v1:0', route: 'regional' }]);
  const [{ merged_at: mergedAt }] = await ledger.rows('SELECT merged_at FROM usage_ledger');

  ledger.dimension('inference_profiles', []);
  const price = { model: 'amazon.nova-micro-v1:0', region: '*', route: 'regional', tier: 'standard', unit: '1M tokens', precedence: 0, source: 'list', retrieved: '2026-10-01' };
  ledger.dimension('price_book', [{ ...price, token_type: 'input', usd: 1e5 }, { ...price, token_type: 'output', usd: 2e5 }]);
  await succeed(ledger, '2026-10-01T13:00:00Z');
  expect(await ledger.rows('SELECT model, merged_at FROM usage_ledger')).toEqual([{ model: 'amazon.nova-micro-v1:0', merged_at: mergedAt }]);
  expect(await ledger.rows('SELECT unpriced_requests, estimated_usd FROM usage_daily')).toEqual([{ unpriced_requests: 0, estimated_usd: 2 }]);
});

test('a truncated object is left out and told of, and the rest is merged', async () => {
  const ledger = new LedgerLake(STARTER);
  ledger.deliver('2026-10-01T10', 'good', [call('1', '2026-10-01T10:00:00Z')]);
  const bad = ledger.deliver('2026-10-01T10', 'bad', [call('2', '2026-10-01T10:00:00Z'), call('3', '2026-10-01T10:00:00Z')], content => content.subarray(0, content.length - 12));
  const path = await succeed(ledger, '2026-10-01T11:00:00Z');
  expect(path.filter(state => state === 'QuarantineObject')).toHaveLength(1);
  expect(await ledger.rows('SELECT path FROM quarantined_objects')).toEqual([{ path: bad }]);
  expect(await ledger.rows('SELECT bedrock_request_id FROM usage_ledger')).toEqual([{ bedrock_request_id: '1' }]);
  expect(ledger.calls.find(({ resource }) => resource === 'sns:publish')).toMatchObject({ arguments: { Message: expect.stringContaining(bad) as string } });
  const again = await succeed(ledger, '2026-10-01T12:00:00Z');
  expect(again).not.toContain('QuarantineObject');
  expect(await ledger.rows(`SELECT quarantined_objects FROM ledger_health WHERE kind = 'hourly'`)).toEqual([{ quarantined_objects: 1 }, { quarantined_objects: 1 }]);
});

test('two merges at once never double a request', async () => {
  const ledger = new LedgerLake(STARTER);
  ledger.deliver('2026-10-01T10', 'a', [call('0', '2026-10-01T10:00:00Z')]);
  await succeed(ledger, '2026-10-01T11:00:00Z');
  ledger.deliver('2026-10-01T11', 'b', Array.from({ length: 50 }, (_, index) => call(`new-${index}`, '2026-10-01T11:00:00Z')));
  await Promise.all([ledger.run('2026-10-01T12:00:00Z'), ledger.run('2026-10-01T12:00:01Z')]);
  await succeed(ledger, '2026-10-01T13:00:00Z');
  expect(await ledger.rows('SELECT count(*) AS rows, count(DISTINCT bedrock_request_id) AS requests FROM usage_ledger')).toEqual([{ rows: 51, requests: 51 }]);
  expect(await ledger.rows('SELECT sum(requests) AS requests FROM usage_daily')).toEqual([{ requests: 51 }]);
});

test('a run after days without one reads the days between', async () => {
  const ledger = new LedgerLake(STARTER);
  ledger.deliver('2026-10-01T10', 'a', [call('1', '2026-10-01T10:00:00Z')]);
  await succeed(ledger, '2026-10-01T11:00:00Z');
  ledger.deliver('2026-10-05T10', 'b', [call('2', '2026-10-05T10:00:00Z')]);
  await succeed(ledger, '2026-10-15T11:00:00Z');
  expect(await ledger.rows('SELECT count(*) AS requests FROM usage_ledger')).toEqual([{ requests: 2 }]);
});

test('what a merge reads depends on its window, and not on how long the ledger is', async () => {
  const ledger = new LedgerLake(STARTER);
  const day = (index: number): string => new Date(Date.UTC(2026, 8, 1 + index)).toISOString().slice(0, 10);
  const deliver = (index: number): void => {
    ledger.deliver(`${day(index)}T10`, 'a', Array.from({ length: 200 }, (_, call_) => call(`${index}-${call_}`, `${day(index)}T10:00:00Z`)));
  };
  for (let index = 0; index < 4; index++) deliver(index);
  await succeed(ledger, `${day(3)}T23:00:00Z`, { kind: 'backfill', from: day(0), to: day(3) });
  const bytesOf = async (index: number): Promise<number> => {
    deliver(index);
    const from = ledger.statements.length;
    await succeed(ledger, `${day(index)}T23:00:00Z`, { kind: 'backfill', from: day(index), to: day(index) });
    return ledger.statements.slice(from).find(({ sql }) => sql.startsWith('MERGE INTO usage_ledger'))?.bytesRead ?? 0;
  };
  const early = await bytesOf(4);
  for (let index = 5; index < 18; index++) deliver(index);
  await succeed(ledger, `${day(17)}T23:00:00Z`, { kind: 'backfill', from: day(5), to: day(17) });
  const late = await bytesOf(18);
  expect(early).toBeGreaterThan(0);
  expect(late / early).toBeLessThan(1.2);
});
