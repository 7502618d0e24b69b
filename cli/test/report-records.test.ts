import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Row } from '../src/engine/engine';
import type { MalformedInput } from '../src/report/report-contract';
import { record, type RecordFields, temporaryFolder, withSources } from './helpers/world';

const FIXTURES = join(__dirname, 'fixtures', 'records');
const HAIKU = 'anthropic.claude-3-haiku-20240307-v1:0';
const SONNET = 'anthropic.claude-sonnet-4-6';
const scratch = temporaryFolder();

afterAll(() => { scratch.remove(); });

function write(path: string, content: string | Buffer): string {
  const whole = join(scratch.path, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
  return whole;
}

function lines(...records: string[]): string {
  return records.map(text => `${text}\n`).join('');
}

const call = (requestId: string, fields: Partial<RecordFields> = {}): string => record({ requestId, input: 1, output: 1, ...fields });

describe('a record as it stands in real logs', () => {
  let rows: Map<string, Row>;

  beforeAll(async () => {
    rows = await withSources({
      logs: [join(FIXTURES, 'shapes.jsonl')],
      profiles: join(FIXTURES, 'list-inference-profiles.json'),
    }, async ({ engine, logs }) => {
      expect(logs.malformed).toEqual([]);
      return new Map((await engine.rows('SELECT * FROM invocation_records')).map(row => [String(row.bedrock_request_id), row]));
    });
  });

  test.each([
    ['a bare model id', 'guardrail-on-output', HAIKU, 'regional'],
    ['a geographic profile id', 'metadata-only-converse', 'amazon.nova-micro-v1:0', 'geo'],
    ['a geographic profile id with another Region of inference', 'cross-region', SONNET, 'geo'],
    ['a global profile id', 'global-profile', SONNET, 'global'],
    ['the ARN of a system profile', 'profile-arn', HAIKU, 'geo'],
    ['the ARN of a foundation model', 'foundation-model-arn', HAIKU, 'regional'],
    ['the ARN of an application profile that is listed', 'application-profile', HAIKU, 'regional'],
    ['the ARN of an application profile over all Regions', 'application-profile-global', SONNET, 'global'],
    ['the ARN of an application profile that is not listed', 'application-profile-unlisted', null, null],
    ['the ARN of a provisioned model', 'provisioned', null, null],
    ['the ARN of a custom model deployment', 'custom-deployment', null, null],
  ])('names its model by %s', (_, id, model, route) => {
    expect(rows.get(id)).toMatchObject({ model, route });
  });

  test.each([
    ['complete', 'metadata-only-converse', 1, 8],
    ['complete', 'llama-2-with-body', 4, 160],
    ['complete', 'stream-with-array-body', 20, 354],
    ['complete', 'stream-with-done-marker', 15, 77],
    ['complete', 'guardrail-on-output', 70, 209],
    ['complete', 'invoked-by-an-agent', 859, 15],
    ['complete', 'offloaded-document', 3263, 300],
    ['complete', 'offloaded-bodies', 40_000, 12],
    ['complete', 'profile-arn', 62, 36],
    ['complete', 'embedding', 5, null],
    ['complete', 'image-embedding', 0, null],
    ['complete', 'impossible-time', 11, 22],
    ['complete', 'guardrail-blocked-with-zeros', 0, 0],
    ['partial', 'cut-stream', 100, null],
    ['partial', 'cut-stream-without-counts', null, null],
    ['blocked', 'guardrail-blocked', null, null],
    ['blocked', 'guardrail-blocked-stream', null, null],
    ['blocked', 'guardrail-blocked-invoke-stream', null, null],
    ['failed', 'failed-with-empty-sides', null, null],
  ])('is %s: %s', (status, id, input, output) => {
    expect(rows.get(id)).toMatchObject({ record_status: status, input_tokens: input, output_tokens: output });
  });

  test.each([
    ['beside the input count', 'cache-at-top', 300, 40],
    ['only in the body', 'cache-in-body', 301, 41],
    ['only in the body, in its other spelling', 'cache-in-body-other-spelling', 302, 42],
    ['in the body in both spellings, never added', 'cache-in-body-twice', 303, 43],
    ['at every place, never added', 'cache-everywhere', 304, 44],
    ['as zero', 'cache-zero-at-top', 0, 0],
    ['in an Anthropic body', 'cache-write-for-an-hour', 305, 45],
    ['nowhere', 'cross-region', null, null],
  ])('carries its cache counts %s', (_, id, read, written) => {
    expect(rows.get(id)).toMatchObject({ cache_read_tokens: read, cache_write_tokens: written });
  });

  test('says in an Anthropic body how much of the cache is written for an hour', () => {
    expect(rows.get('cache-write-for-an-hour')).toMatchObject({ cache_write_1h_tokens: 40 });
    expect(rows.get('cache-everywhere')).toMatchObject({ cache_write_1h_tokens: null });
  });

  test('with an impossible time keeps its tokens and has no day', () => {
    expect(rows.get('impossible-time')).toMatchObject({ usage_date: null, called_at: null, input_tokens: 11, output_tokens: 22 });
  });

  test.each([
    ['a user', 'llama-2-with-body', 'user/acme-user-bravo', 'user/acme-user-bravo', null],
    ['a role session', 'stream-with-array-body', 'role/AmazonSageMaker-ExecutionRole-20240301/SageMaker', 'role/AmazonSageMaker-ExecutionRole-20240301', 'SageMaker'],
  ])('names %s as its caller', (_, id, caller, role, session) => {
    expect(rows.get(id)).toMatchObject({ caller, caller_role: role, caller_session: session });
  });

  test('declares a key only by its exact name and with a value', () => {
    expect(rows.get('mixed-case-metadata')).toMatchObject({ team: 'search', request_metadata: { Team: 'Ads', team: 'search', TEAM: 'x' } });
    expect(rows.get('empty-metadata-value')).toMatchObject({ team: null });
    expect(rows.get('trace-metadata')).toMatchObject({ team: null, request_metadata: { traceId: 'abc' } });
  });

  test('keeps the Region of the call apart from the Region of inference', () => {
    expect(rows.get('cross-region')).toMatchObject({ region: 'us-east-1', inference_region: 'us-west-2' });
  });
});

test.each([
  ['keeps the way of its calls, where the system-defined ones are listed too', true, 'geo'],
  ['goes by its model alone, where they are not', false, 'regional'],
])('an application profile over several Regions %s', async (_case, withSystem, route) => {
  const models = ['eu-central-1', 'eu-west-1'].map(region => ({ modelArn: `arn:aws:bedrock:${region}::foundation-model/${SONNET}` }));
  const profile = (kind: string, id: string, type: string): object =>
    ({ inferenceProfileArn: `arn:aws:bedrock:eu-west-1:111122223333:${kind}/${id}`, inferenceProfileId: id, models, type });
  const inferenceProfileSummaries = [
    ...withSystem ? [profile('inference-profile', `eu.${SONNET}`, 'SYSTEM_DEFINED')] : [],
    profile('application-inference-profile', 'e1', 'APPLICATION'),
  ];
  const profiles = write('spread/profiles.json', JSON.stringify({ inferenceProfileSummaries }));
  const logs = write('spread/logs.jsonl', lines(call('spread', { modelId: 'arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/e1' })));
  const rows = await withSources({ logs: [logs], profiles }, async ({ engine }) => engine.rows('SELECT model, route FROM invocation_records'));
  expect(rows).toEqual([{ model: SONNET, route }]);
});

describe('of several records of one request', () => {
  const STATUSES = ['complete', 'partial', 'blocked', 'failed'] as const;
  const pairs = STATUSES.flatMap(one => STATUSES.map(other => [one, other] as const));
  let winners: Map<string, Row>;

  function withStatus(requestId: string, status: (typeof STATUSES)[number], hour: number): string {
    const timestamp = `2026-10-05T${String(hour).padStart(2, '0')}:00:00Z`;
    switch (status) {
      case 'complete': return record({ requestId, timestamp, input: hour, output: hour });
      case 'partial': return record({ requestId, timestamp, operation: 'ConverseStream', input: hour });
      case 'blocked': return record({ requestId, timestamp, operation: 'InvokeModel' });
      case 'failed': return record({ requestId, timestamp, errorCode: 'ThrottlingException' });
    }
  }

  beforeAll(async () => {
    const early = pairs.map(([one, other]) => withStatus(`${one}-then-${other}`, one, 1));
    const late = pairs.map(([one, other]) => withStatus(`${one}-then-${other}`, other, 2));
    const swap = (text: string): string => text.replace('"requestId":"', '"requestId":"swapped-');
    write('duplicates/1.jsonl', lines(...early, ...late.map(swap)));
    write('duplicates/2.jsonl', lines(...late, ...early.map(swap)));
    winners = await withSources({ logs: [join(scratch.path, 'duplicates')] }, async ({ engine }) =>
      new Map((await engine.rows('SELECT *, hour(called_at) AS at_hour FROM invocation_records')).map(row => [String(row.bedrock_request_id), row])));
  });

  test.each(pairs)('%s first and %s later, the better and then the later one wins, in whichever file it stands', (one, other) => {
    const [better] = [one, other].sort((a, b) => STATUSES.indexOf(a) - STATUSES.indexOf(b));
    const expected = { record_status: better, at_hour: other === better ? 2 : 1, record_count: 2 };
    expect(winners.get(`${one}-then-${other}`)).toMatchObject(expected);
    expect(winners.get(`swapped-${one}-then-${other}`)).toMatchObject(expected);
  });
});

describe('a folder of log files', () => {
  const HOUR = 'prefix/AWSLogs/111122223333/BedrockModelInvocationLogs/us-east-1/2026/10/05/10';
  const damaged = lines(...Array.from({ length: 200 }, (_, index) => call(`cut-${index}`, { input: index, metadata: { trace: String(index * 7919 % 1009) } })));
  const zipped = gzipSync(damaged);
  const CUTS = [zipped.length - 1, zipped.length - 8, zipped.length - 9, Math.floor(zipped.length / 2), 11, 2];
  const LARGE_LINES = 40_000;
  let ids: Set<string>;
  let malformed: Map<string, MalformedInput[]>;
  let total: number;

  beforeAll(async () => {
    write(`good/${HOUR}/20261005T100000123Z_0a1b2c3d4e5f.json.gz`, gzipSync(lines(call('delivered-1'), call('delivered-2'))));
    write(`good/${HOUR}/20261005T101500Z_0a1b2c3d4e60.json.gz`, Buffer.concat([gzipSync(lines(call('member-1'))), gzipSync(lines(call('member-2')))]));
    write(`good/${HOUR}/data/delivered-1_input.json.gz`, gzipSync('{"requestId":"a-body"}'));
    write(`good/${HOUR}/data/anything.json`, '{"requestId":"a-body"}');
    write('good/prefix/AWSLogs/111122223333/BedrockModelInvocationLogs/us-east-1/amazon-bedrock-logs-permission-check', '');
    write('good/amazon-bedrock-logs-permission-check.json', '');
    write('good/flat.jsonl', lines(call('flat-jsonl')));
    write('good/flat.json', call('flat-json'));
    write('good/data/flat.json', call('flat-in-a-folder-named-data'));
    write('good/data/r1_output.json', '{"requestId":"a-body"}');
    write('good/pretty.json', JSON.stringify(JSON.parse(call('pretty')), undefined, 2));
    write('good/list.json', JSON.stringify([JSON.parse(call('list-1')), JSON.parse(call('list-2'))], undefined, 2));
    write('good/one-line-list.json', `[${call('list-3')},${call('list-4')}]`);
    write('good/windows.jsonl', `\ufeff${call('windows-1')}\r\n\r\n${call('windows-2')}\r\n   \n`);
    write('good/check.jsonl', lines('Permissions are correctly set for Amazon Bedrock logs.', call('after-the-check')));
    write('good/invalid-utf-8.jsonl', Buffer.concat([Buffer.from(call('invalid-utf-8', { metadata: { team: 'X' } }).replace('"X"', '"\u00e9"'), 'latin1'), Buffer.from('\n')]));
    write('good/control-bytes.jsonl', Buffer.from(lines(`\u0001${call('control-bytes-1')}\u0000`, call('control-bytes-2'))));
    write('good/renamed.json.gz', lines(call('plain-text-named-gz')));
    write('good/empty.jsonl', '');

    write('bad/lines.jsonl', lines(call('between'), '{"requestId":', '[1]', '"text"', call('').replace('"requestId":"",', ''), call(''), call('other').replace('ModelInvocationLog', 'CloudTrail'), 'same', '', 'same', call('after')));
    write('bad/bytes.jsonl', Buffer.from(`${call('in-the-byte-file')}\r\n\u0001\u0000broken\r\n`));
    CUTS.forEach(cut => write(`bad/cut-at-${cut}.json.gz`, zipped.subarray(0, cut)));
    write('bad/cut-at-0.json.gz', '');
    write('bad/cut-at-1.json.gz', zipped.subarray(0, 1));
    const checked = gzipSync(lines(...Array.from({ length: 1000 }, (_, index) => call(`before-the-checksum-${index}`))), { level: 0 });
    checked[checked.length - 8] ^= 0xff;
    write('bad/checksum.json.gz', checked);
    const flipped = Buffer.from(zipped);
    flipped[Math.floor(zipped.length / 2)] ^= 0xff;
    write('bad/flipped.json.gz', flipped);
    write('bad/page.json.gz', '<html>no such key</html>');
    const large = Array.from({ length: LARGE_LINES }, (_, index) => call(`large-${index}`));
    large[1] = 'broken early';
    large[LARGE_LINES - 2] = 'broken late';
    write('bad/large.jsonl', large.join('\n'));
    write('bad/large-and-cut.json.gz', gzipSync(lines(...large), { level: 0 }).subarray(0, 10 * 1024 * 1024));

    const loaded = await withSources({ logs: [join(scratch.path, 'good'), join(scratch.path, 'bad')] }, async ({ engine, logs }) => ({
      ids: new Set((await engine.rows('SELECT bedrock_request_id AS id FROM invocation_records')).map(row => String(row.id))), logs,
    }));
    ({ ids } = loaded);
    total = loaded.logs.malformedLines;
    malformed = new Map();
    for (const entry of loaded.logs.malformed) {
      const name = entry.file.slice(scratch.path.length + 1);
      malformed.set(name, [...malformed.get(name) ?? [], { ...entry, file: name }]);
    }
  });

  const why = (name: string): string[] => (malformed.get(name) ?? []).filter(({ line }) => line === null).map(entry => entry.why);
  const numbers = (name: string): (number | null)[] => (malformed.get(name) ?? []).map(({ line }) => line);

  test.each([
    ['the delivery layout', ['delivered-1', 'delivered-2']],
    ['gzip of several members', ['member-1', 'member-2']],
    ['a flat folder of .jsonl and .json', ['flat-jsonl', 'flat-json']],
    ['a folder that is named data but holds no bodies', ['flat-in-a-folder-named-data']],
    ['a pretty-printed record', ['pretty']],
    ['a JSON list over many lines', ['list-1', 'list-2']],
    ['a JSON list on one line', ['list-3', 'list-4']],
    ['Windows line ends, a byte order mark and blank lines', ['windows-1', 'windows-2']],
    ['the line of the permission check', ['after-the-check']],
    ['bytes that are no UTF-8', ['invalid-utf-8']],
    ['NUL and \\u0001 bytes', ['control-bytes-1', 'control-bytes-2']],
    ['plain text under a name of gzip', ['plain-text-named-gz']],
  ])('is read in the form of %s', (_, expected) => {
    expect(expected.filter(id => !ids.has(id))).toEqual([]);
  });

  test('has nothing malformed in any of these forms', () => {
    expect([...malformed.keys()].filter(name => name.startsWith('good/'))).toEqual([]);
  });

  test('leaves out offloaded bodies and the permission check', () => {
    expect(ids.has('a-body')).toBe(false);
  });

  test('names every malformed line by file and line, and says why', () => {
    expect(malformed.get('bad/lines.jsonl')?.map(({ line, why: reason }) => [line, reason])).toEqual([
      [2, 'not JSON'],
      [3, 'not a JSON object'],
      [4, 'not a JSON object'],
      [5, 'no requestId'],
      [6, 'no requestId'],
      [7, 'schemaType is "CloudTrail", not "ModelInvocationLog"'],
      [8, 'not JSON'],
      [10, 'not JSON'],
    ]);
    expect(numbers('bad/bytes.jsonl')).toEqual([2]);
    expect([ids.has('between'), ids.has('after'), ids.has('in-the-byte-file')]).toEqual([true, true, true]);
  });

  test('counts as many malformed lines as it names', () => {
    expect(total).toBe([...malformed.values()].flat().length);
  });

  test('names the malformed lines of a file that is read in pieces, and reads the rest', () => {
    expect(numbers('bad/large.jsonl')).toEqual([2, LARGE_LINES - 1]);
    expect([...ids].filter(id => id.startsWith('large-'))).toHaveLength(LARGE_LINES - 2);
  });

  test('names a large file that is cut, and the malformed line before the cut', () => {
    expect(numbers('bad/large-and-cut.json.gz')).toEqual([null, 2]);
    expect(why('bad/large-and-cut.json.gz')).toEqual([expect.stringMatching(/^truncated gzip/)]);
  });

  test.each([...CUTS, 0])('names a gzip that is cut at byte %d as truncated', (cut) => {
    expect(malformed.get(`bad/cut-at-${cut}.json.gz`)).toEqual([
      { file: `bad/cut-at-${cut}.json.gz`, line: null, why: expect.stringMatching(/^truncated gzip/) as string },
    ]);
  });

  test('uses the lines before the cut', () => {
    expect([...ids].filter(id => id.startsWith('cut-'))).toHaveLength(200);
  });

  test.each([
    ['a wrong checksum', 'bad/checksum.json.gz', /^corrupt gzip/],
    ['a flipped byte', 'bad/flipped.json.gz', /^corrupt gzip/],
    ['a page of HTML in place of gzip', 'bad/page.json.gz', /^not a gzip file/],
    ['one byte of gzip', 'bad/cut-at-1.json.gz', /^not a gzip file/],
  ])('names a file with %s', (_, name, reason) => {
    expect(why(name)).toEqual([expect.stringMatching(reason)]);
  });

  test('uses the lines that were read before a wrong checksum was noticed', () => {
    expect(ids.has('before-the-checksum-0')).toBe(true);
  });
});

test('every record of thousands of files of one record each is read', async () => {
  const folder = join(scratch.path, 'tiny');
  mkdirSync(folder);
  for (let index = 0; index < 3000; index++) writeFileSync(join(folder, `${index}.jsonl`), record({ requestId: `tiny-${index}`, input: 1, output: 1 }));
  const [{ n }] = await withSources({ logs: [folder] }, async ({ engine }) => engine.rows('SELECT count(*) AS n FROM invocations'));
  expect(n).toBe(3000);
});
