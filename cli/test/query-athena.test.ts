import { AthenaEndpoint } from '../../test/support/athena-endpoint';
import { PLACE, pointTo } from './helpers/embedded-athena';
import { bca } from './helpers/world';

let endpoint: AthenaEndpoint;
let pointBack: () => void;

beforeAll(async () => {
  endpoint = await AthenaEndpoint.start(() => Promise.resolve({
    columns: [{ name: 'model', type: 'varchar' }, { name: 'requests', type: 'bigint' }, { name: 'seen_at', type: 'timestamp' }],
    rows: [['anthropic.claude-sonnet-4-6', '12', '2026-10-05 10:00:00.000'], [null, '3', null]],
    scannedBytes: 3e12,
  }), PLACE);
  pointBack = pointTo(endpoint);
});

beforeEach(() => { endpoint.reset(); });

afterAll(async () => {
  pointBack();
  await endpoint.close();
});

test('answers with columns and rows, and says what was read', async () => {
  const { code, out, err } = await bca('query', '--athena', '--format', 'json', 'SELECT model, count(*) AS requests FROM invocations GROUP BY model');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual([
    { model: 'anthropic.claude-sonnet-4-6', requests: 12, seen_at: '2026-10-05T10:00:00.000Z' }, { model: null, requests: 3, seen_at: null },
  ]);
  expect(err).toContain('Athena read 3.0 TB in 1 query: about $15.00 at $5 per TB, the list price of us-east-1');
});

test('sends the statement as it is, to the workgroup and database that were named', async () => {
  await bca('query', '--athena', '--workgroup', 'other', '--database', 'costs', 'SELECT 1');
  expect(endpoint.inputsOf('StartQueryExecution')).toEqual([expect.objectContaining({
    QueryString: 'SELECT 1', WorkGroup: 'other', QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: 'costs' },
  })]);
});

test('runs a saved query that needs Athena', async () => {
  expect(await bca('query', '--athena', '--saved', 'malformed-log-lines', '--format', 'csv')).toMatchObject({ code: 0 });
  expect(endpoint.inputsOf('StartQueryExecution')[0].QueryString).toContain('"$path"');
});

test('a saved query that needs Athena asks for it', async () => {
  const { code, err } = await bca('query', '--saved', 'malformed-log-lines');
  expect(code).toBe(2);
  expect(err).toContain('give --athena');
});

test.each(['DROP TABLE usage_ledger', '\n-- tidy up\nDELETE FROM usage_ledger', 'INSERT INTO usage_ledger SELECT * FROM invocations', ''])(
  'fails with %j, which is no question', async (statement) => {
    const { code, err } = await bca('query', '--athena', statement);
    expect(code).toBe(2);
    expect(err).toContain('is not sent to Athena');
    expect(endpoint.calls).toEqual([]);
  });

test.each([
  ['--logs', ['--athena', '--logs', 'x', '--', 'SELECT 1'], '--logs cannot be given with --athena'],
  ['--workgroup', ['--workgroup', 'x', 'SELECT 1'], '--workgroup can only be given with --athena'],
])('fails with %s on the wrong engine', async (_, options, sentence) => {
  const { code, err } = await bca('query', ...options);
  expect(code).toBe(2);
  expect(err).toContain(sentence);
});
