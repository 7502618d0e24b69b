import { existsSync } from 'fs';
import { BCMDataExportsClient } from '@aws-sdk/client-bcm-data-exports';
import { S3Client } from '@aws-sdk/client-s3';
import { EXPORT_HEALTH_VARIABLES } from '../../../lib/data-exports/handlers/constants';
import { createExportHealth, dataExportsRegion, type ExportFinding, S3_OPTIONS } from '../../../lib/data-exports/handlers/export-health.lambda';
import { packageFile } from '../../../lib/private/package-file';
import { BillingEndpoint, type Fields } from '../../support/billing-endpoint';
import { BucketEndpoint } from './bucket-endpoint';

const NAME = 'bill-1a2b3c4d';
const ARN = `arn:aws:bcm-data-exports:us-east-1:111122223333:export/${NAME}-0a1b`;
const NOW = Date.parse('2026-11-21T12:00:00Z');
const HOUR = 3600;
const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };

let billing: BillingEndpoint;
let bucket: BucketEndpoint;
let logged: object[];
let sleeps: number[];

beforeEach(async () => {
  billing = await BillingEndpoint.start();
  bucket = await BucketEndpoint.start();
  [logged, sleeps] = [[], []];
  addExport(ARN, NAME);
  billing.executions.set(ARN, [execution('DELIVERY_SUCCESS', 5)]);
  bucket.keys = filesOf(NAME);
});

afterEach(async () => {
  await billing.close();
  await bucket.close();
});

const ago = (hours: number): string => new Date(NOW - hours * HOUR * 1000).toISOString();

/** An execution as the service writes it, complete so many hours ago. */
function execution(StatusCode: string, hours: number, StatusReason?: string): Fields {
  return { ExecutionId: `run-${hours}`, ExecutionStatus: { StatusCode, StatusReason, CreatedAt: ago(hours + 1), CompletedAt: ago(hours) } };
}

function addExport(arn: string, name: string, status: Fields = { StatusCode: 'HEALTHY' }): void {
  billing.exports.set(arn, { Export: { ExportArn: arn, Name: name }, ExportStatus: { CreatedAt: ago(100), ...status } });
}

function filesOf(name: string): string[] {
  return [`cur2/${name}/data/BILLING_PERIOD=2026-11/${name}-00001.snappy.parquet`, `cur2/${name}/metadata/BILLING_PERIOD=2026-11/${name}-Manifest.json`];
}

/** One check. A variable that is given as undefined is not set. */
async function check(variables: Partial<Record<keyof typeof EXPORT_HEALTH_VARIABLES, string>> = {}): Promise<ExportFinding> {
  const given = { exportName: NAME, readNames: NAME, bucket: 'bills', prefix: 'cur2', ...variables };
  let now = NOW;
  return createExportHealth({
    dataExports: new BCMDataExportsClient({ endpoint: billing.url, region: 'eu-west-1', credentials, maxAttempts: 1 }),
    s3: new S3Client({ ...S3_OPTIONS, endpoint: bucket.url, forcePathStyle: true, region: 'us-east-1', credentials, maxAttempts: 1 }),
    variables: Object.fromEntries(Object.entries(given).map(([key, value]) => [EXPORT_HEALTH_VARIABLES[key as keyof typeof given], value])),
    timing: {
      now: () => now,
      sleep: milliseconds => {
        sleeps.push(milliseconds);
        now += milliseconds;
        return Promise.resolve();
      },
      random: () => 0.5,
    },
    log: entry => logged.push(entry),
  })();
}

/** What was measured, by the names of the metrics, and the dimension that all of it has. */
function measured(): object {
  return Object.assign({}, ...logged.filter(entry => '_aws' in entry).map(entry => {
    const { _aws, ...values } = entry as { _aws: { CloudWatchMetrics: { Dimensions: string[][] }[] } };
    expect(_aws.CloudWatchMetrics[0].Dimensions).toEqual([['ExportName']]);
    return values;
  })) as object;
}

test('measures a healthy export, its last delivery and what is not read', async () => {
  expect(await check()).toEqual({
    exportName: NAME, exportArn: ARN, healthy: true, lastDelivery: ago(5), secondsSinceDelivery: 5 * HOUR, unreadExports: [],
  });
  expect(measured()).toEqual({ ExportName: NAME, ExportUnhealthy: 0, SecondsSinceDelivery: 5 * HOUR, UnreadExports: 0 });
});

test('measures an unhealthy export, and logs why it is', async () => {
  addExport(ARN, NAME, { StatusCode: 'UNHEALTHY', StatusReason: 'INSUFFICIENT_PERMISSION' });
  billing.executions.set(ARN, [execution('DELIVERY_FAILURE', 1, 'INSUFFICIENT_PERMISSION'), execution('DELIVERY_SUCCESS', 60)]);
  await check();
  expect(measured()).toMatchObject({ ExportUnhealthy: 1, SecondsSinceDelivery: 60 * HOUR });
  expect(logged[0]).toMatchObject({
    message: 'checked', exportName: NAME, reason: expect.stringContaining('may not write to the bucket'), failure: { status: 'DELIVERY_FAILURE', at: ago(1) },
  });
});

test('counts from the creation until the first delivery', async () => {
  billing.executions.delete(ARN);
  const finding = await check();
  expect(finding.lastDelivery).toBeUndefined();
  expect(measured()).toMatchObject({ SecondsSinceDelivery: 100 * HOUR });
});

test('reads all pages, of exports, executions and folders', async () => {
  billing.pageSize = 1;
  bucket.pageSize = 1;
  billing.exports.clear();
  addExport(`${ARN}-other`, 'aaa');
  addExport(ARN, NAME);
  billing.executions.set(ARN, [execution('DELIVERY_FAILURE', 1), execution('DELIVERY_SUCCESS', 40), execution('DELIVERY_SUCCESS', 3)]);
  bucket.keys = [...filesOf('aaa'), ...filesOf(NAME), ...filesOf('zzz')];
  expect(await check()).toMatchObject({ exportArn: ARN, secondsSinceDelivery: 3 * HOUR, unreadExports: ['aaa', 'zzz'] });
  expect(billing.inputsOf('ListExecutions')).toHaveLength(3);
});

describe('an export that is not there', () => {
  test.each([
    ['names the others', ['other', `${NAME}0`], `but 2 other(s): "other", "${NAME}0"; it was deleted`],
    ['says when there is none', [], 'but no export at all; it was deleted'],
    ['names ten at most', Array.from({ length: 11 }, (_, index) => `x${index}`), 'but 11 other(s): "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9"; '],
  ])('fails, and %s', async (_case, names, sentence) => {
    billing.exports.clear();
    for (const name of names) addExport(`${ARN}-${name}`, name);
    await expect(check()).rejects.toThrow(`there is no export named "${NAME}" in this account, ${sentence}`);
    expect(measured()).toEqual({});
  });
});

describe('what is not read', () => {
  const unread = async (keys: string[], variables = {}): Promise<string[] | undefined> => {
    bucket.keys = keys;
    return (await check(variables)).unreadExports;
  };

  test('is the data of exports that are neither read nor known to be something else', async () => {
    const keys = [...filesOf(NAME), ...filesOf('former'), ...filesOf('forgotten'), ...filesOf('focus')];
    expect(await unread(keys, { readNames: `${NAME},former`, otherNames: 'focus' })).toEqual(['forgotten']);
    expect(measured()).toMatchObject({ UnreadExports: 1 });
  });

  test.each([
    ['a folder without data', ['cur2/empty/metadata/BILLING_PERIOD=2026-11/empty-Manifest.json']],
    ['an object beside the folders', ['cur2/readme.txt']],
    ['an export of another prefix', filesOf('else').map(key => `other-${key}`)],
    ['the object by which Data Exports tries the bucket', ['aws-programmatic-access-test-object']],
  ])('is not %s', async (_case, keys) => {
    expect(await unread([...filesOf(NAME), ...keys])).toEqual([]);
  });

  test('is found below a prefix of several folders', async () => {
    expect(await unread(filesOf('forgotten').map(key => `finance/${key}`), { prefix: 'finance/cur2' })).toEqual(['forgotten']);
  });

  test('is listed without looking into what is read', async () => {
    await check();
    expect(bucket.listings).toEqual([{ bucket: 'bills', prefix: 'cur2/', delimiter: '/', region: 'us-east-1' }]);
  });

  test('is found in a bucket of another Region', async () => {
    bucket.region = 'eu-central-1';
    expect(await unread([...filesOf(NAME), ...filesOf('forgotten')])).toEqual(['forgotten']);
    expect(bucket.listings.map(({ region }) => region)).toEqual(['eu-central-1', 'eu-central-1']);
  });

  test('is not looked for without a bucket', async () => {
    expect(await unread(filesOf('forgotten'), { bucket: undefined })).toBeUndefined();
    expect(bucket.listings).toEqual([]);
    expect(measured()).toEqual({ ExportName: NAME, ExportUnhealthy: 0, SecondsSinceDelivery: 5 * HOUR });
  });
});

describe('failures', () => {
  test.each(['ListExports', 'GetExport', 'ListExecutions'])('throttling of %s delays a check', async operation => {
    billing.fail(operation, { code: 'ThrottlingException', message: 'Rate exceeded', times: 2 });
    expect((await check()).healthy).toBe(true);
    expect(sleeps).toHaveLength(2);
  });

  test('throttling that does not end fails the check, which says how long it has tried', async () => {
    billing.fail('ListExports', { code: 'ThrottlingException', message: 'Rate exceeded' });
    await expect(check()).rejects.toThrow(/^gave up after \d+ attempts in \d+ seconds: ThrottlingException: Rate exceeded$/);
    expect(sleeps.reduce((sum, pause) => sum + pause, 0)).toBeLessThanOrEqual(60_000);
  });

  test('a fault of the service delays a check', async () => {
    billing.fail('GetExport', { code: 'InternalServerException', message: 'sorry', status: 500, times: 1 });
    expect((await check()).healthy).toBe(true);
  });

  test.each(['ListExports', 'GetExport', 'ListExecutions'])('a role that may not call %s fails the check at once, which says what is missing', async operation => {
    billing.fail(operation, { code: 'AccessDeniedException', message: 'explicit deny' });
    await expect(check()).rejects.toThrow(`bcm-data-exports:${operation} was refused with AccessDeniedException: explicit deny; the role of this function allows it`);
    expect(sleeps).toEqual([]);
  });

  test('another refusal is told as it is', async () => {
    billing.fail('GetExport', { code: 'ValidationException', message: 'no such field' });
    await expect(check()).rejects.toThrow(/^bcm-data-exports:GetExport was refused with ValidationException: no such field$/);
  });

  test('a bucket that may not be listed fails the check, after the export was measured', async () => {
    bucket.refusal = { status: 403, code: 'AccessDenied', message: 'no' };
    await expect(check()).rejects.toThrow(
      's3:ListBucket was refused with AccessDenied: no; the role of this function allows it on bills, so look at the policy of the bucket, '
      + 'or set lookForUnreadExports to false');
    expect(measured()).toEqual({ ExportName: NAME, ExportUnhealthy: 0, SecondsSinceDelivery: 5 * HOUR });
  });

  test('a bucket that is gone fails the check', async () => {
    bucket.refusal = { status: 404, code: 'NoSuchBucket', message: 'The specified bucket does not exist' };
    await expect(check()).rejects.toThrow('s3:ListBucket was refused with NoSuchBucket: The specified bucket does not exist');
  });
});

test.each([
  ['us-east-1', 'https://bcm-data-exports.us-east-1.api.aws/'],
  ['eu-central-1', 'https://bcm-data-exports.us-east-1.api.aws/'],
  ['cn-north-1', 'https://bcm-data-exports.cn-northwest-1.api.amazonwebservices.com.cn/'],
  ['us-iso-east-1', 'https://bcm-data-exports.us-iso-east-1.'],
])('a function in %s asks the endpoint of its partition', (region, address) => {
  const { config } = new BCMDataExportsClient({ region: dataExportsRegion(region) });
  const endpoint = config.endpointProvider({ Region: dataExportsRegion(region), UseFIPS: false });
  expect(endpoint.url.href).toContain(address);
});

test('the Region of the environment is left to the SDK where there is none', () => {
  expect(dataExportsRegion(undefined)).toBeUndefined();
});

test('the bundled handler is there and has the entry point that the function names', () => {
  const bundle = packageFile('assets', 'export-health', 'index.js');
  expect(existsSync(bundle)).toBe(true); // made by: npm run build:handlers
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the bundle is CommonJS that is made at build time
  const module = require(bundle) as { handler: unknown };
  expect(typeof module.handler).toBe('function');
});
