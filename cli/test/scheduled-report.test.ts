import { join } from 'node:path';
import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { REPORT_VARIABLES, TOPIC_VARIABLE } from '../../lib/private/handlers/constants';
import type { AthenaEndpoint } from '../../test/support/athena-endpoint';
import { generateMonth } from '../src/demo/generate-month';
import { AthenaEngine } from '../src/engine/athena-engine';
import { duePeriod } from '../src/scheduled-report/due-period';
import { createScheduledReport, type ScheduledReportEvent, type ScheduledReportResult } from '../src/scheduled-report.lambda';
import { openSources, SOURCE_DEFAULTS, type Sources } from '../src/sources/sources';
import { PLACE, pointTo, serveEngine } from './helpers/embedded-athena';
import { bca, temporaryFolder } from './helpers/world';

const folder = temporaryFolder();
const s3 = mockClient(S3Client);
const sns = mockClient(SNSClient);
const NOW = Date.parse('2026-10-22T06:00:00Z');
const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:news';
let sources: Sources;
let endpoint: AthenaEndpoint;
let pointBack: () => void;

beforeAll(async () => {
  await generateMonth({ folder: folder.path, calls: 1000 });
  sources = await openSources({
    logs: [join(folder.path, 'logs')], bill: [join(folder.path, 'bill')], schema: join(folder.path, 'attribution-schema.json'),
    ...SOURCE_DEFAULTS, asOf: new Date('2026-11-02T06:00:00Z'), by: [],
  });
  await sources.engine.run('CREATE TABLE ledger_health (window_from DATE, window_to DATE, malformed_lines BIGINT)');
  endpoint = await serveEngine(sources.engine);
  pointBack = pointTo(endpoint);
});

beforeEach(() => {
  endpoint.reset();
  s3.reset();
  sns.reset();
  s3.on(HeadObjectCommand).rejects(Object.assign(new Error('Not Found'), { name: 'NotFound' }));
});

afterAll(async () => {
  pointBack();
  await endpoint.close();
  sources.engine.close();
  folder.remove();
});

async function report(event: ScheduledReportEvent = {}, variables: Readonly<Record<string, string>> = {}): Promise<ScheduledReportResult> {
  return createScheduledReport({
    openEngine: settings => AthenaEngine.open(settings),
    s3: new S3Client({ region: 'eu-west-1' }),
    sns: new SNSClient({ region: 'eu-west-1' }),
    variables: {
      [REPORT_VARIABLES.workGroup]: PLACE.workgroup,
      [REPORT_VARIABLES.database]: PLACE.database,
      [REPORT_VARIABLES.bucket]: 'the-ledger',
      [REPORT_VARIABLES.by]: 'team,service',
      [REPORT_VARIABLES.period]: 'week',
      [REPORT_VARIABLES.settlingDays]: '3',
      [REPORT_VARIABLES.tagNames]: '["iamPrincipal/team","resourceTags/team"]',
      [TOPIC_VARIABLE]: TOPIC,
      AWS_REGION: 'eu-west-1',
      ...variables,
    },
    now: () => NOW,
    log: () => undefined,
  })(event);
}

const puts = () => s3.commandCalls(PutObjectCommand).map(({ args: [{ input }] }) => input);
const messages = () => sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input);

test('writes the last week as a page, as CSV and as JSON, and tells it once', async () => {
  const path = 'reports/2026-10-18/2026-10-12-to-2026-10-18-by-team-service';
  expect(await report()).toEqual({ from: '2026-10-12', to: '2026-10-18', made: true, html: `${path}.html`, csv: `${path}.csv`, json: `${path}.json` });
  expect(puts().map(({ Bucket, Key, ContentType }) => [Bucket, Key, ContentType])).toEqual([
    ['the-ledger', `${path}.html`, 'text/html; charset=utf-8'],
    ['the-ledger', `${path}.csv`, 'text/csv; charset=utf-8'],
    ['the-ledger', `${path}.json`, 'application/json; charset=utf-8'],
  ]);
  const { out } = await bca('report', '--athena', '--schema', join(folder.path, 'attribution-schema.json'), '--format', 'csv', '--from', '2026-10-12',
    '--to', '2026-10-18');
  expect(puts()[1].Body as string).toBe(out);
  expect(messages()).toHaveLength(1);
});

test('the message has totals and links for those who sign in', async () => {
  await report();
  const [{ TopicArn, Subject, Message }] = messages();
  expect(TopicArn).toBe(TOPIC);
  expect(Subject).toMatch(/^Amazon Bedrock spend 2026-10-12 to 2026-10-18: \$[\d,]+\.\d\d$/);
  expect(Message).toContain('s3://the-ledger/reports/2026-10-18/2026-10-12-to-2026-10-18-by-team-service.html');
  expect(Message).toContain('https://eu-west-1.console.aws.amazon.com/s3/object/the-ledger?region=eu-west-1&prefix=reports%2F2026-10-18%2F');
  expect(Message).not.toMatch(/X-Amz-|Signature|Credential/i);
  const { totals } = JSON.parse(puts()[2].Body as string) as { totals: { billed_usd: number } };
  expect(Message).toContain(`Billed        $${totals.billed_usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`);
});

test.each([
  ['cn-north-1', 'cn-north-1.console.amazonaws.cn'], ['us-gov-west-1', 'us-gov-west-1.console.amazonaws-us-gov.com'],
])('links of %s lead to its console', async (region, domain) => {
  await report({}, { AWS_REGION: region });
  expect(messages()[0].Message).toContain(`https://${domain}/s3/object/`);
});

test('a report that is there is neither made nor told again', async () => {
  s3.on(HeadObjectCommand).resolves({});
  expect(await report()).toMatchObject({ made: false });
  expect(endpoint.calls).toEqual([]);
  expect([...puts(), ...messages()]).toEqual([]);
});

test('a period that is asked for is reported again', async () => {
  s3.on(HeadObjectCommand).resolves({});
  expect(await report({ from: '2026-10-05', to: '2026-10-06' })).toMatchObject({ from: '2026-10-05', to: '2026-10-06', made: true });
});

test.each([
  [{ from: '2026-10-05' }], [{ to: '2026-10-05' }], [{ from: '2026-10-06', to: '2026-10-05' }], [{ from: '2026-02-30', to: '2026-03-05' }],
])('fails for the period %j', async (event) => {
  await expect(report(event)).rejects.toThrow('give two days as YYYY-MM-DD');
});

test('fails, and says nothing, when the queries fail', async () => {
  endpoint.end({ state: 'FAILED', reason: 'TABLE_NOT_FOUND: invocations' });
  await expect(report()).rejects.toThrow('Athena failed the query: TABLE_NOT_FOUND');
  expect([...puts(), ...messages()]).toEqual([]);
});

test('fails when nobody can be told, and is not taken as done', async () => {
  sns.on(PublishCommand).rejects(new Error('the topic is gone'));
  await expect(report()).rejects.toThrow('the topic is gone');
  expect(puts().map(({ Key }) => Key?.split('.').at(-1))).toEqual(['html', 'csv']);
});

test('fails when it may not look whether the report is there', async () => {
  s3.on(HeadObjectCommand).rejects(Object.assign(new Error('Forbidden'), { name: 'Forbidden' }));
  await expect(report()).rejects.toThrow('Forbidden');
  expect(endpoint.calls).toEqual([]);
});

test.each([
  ['week', '2026-10-21T23:59:59Z', 3, '2026-10-05', '2026-10-11'],
  ['week', '2026-10-22T00:00:00Z', 3, '2026-10-12', '2026-10-18'],
  ['week', '2026-10-19T00:00:00Z', 0, '2026-10-12', '2026-10-18'],
  ['week', '2026-10-18T23:59:59Z', 0, '2026-10-05', '2026-10-11'],
  ['week', '2027-01-04T00:00:00Z', 0, '2026-12-28', '2027-01-03'],
  ['month', '2026-11-03T23:59:59Z', 3, '2026-09-01', '2026-09-30'],
  ['month', '2026-11-04T00:00:00Z', 3, '2026-10-01', '2026-10-31'],
  ['month', '2027-01-01T00:00:00Z', 0, '2026-12-01', '2026-12-31'],
  ['month', '2028-03-15T12:00:00Z', 0, '2028-02-01', '2028-02-29'],
] as const)('the last %s at %s, %d days after its end, is from %s to %s', (kind, now, settlingDays, from, to) => {
  expect(duePeriod(kind, Date.parse(now), settlingDays)).toEqual({ from, to });
});
