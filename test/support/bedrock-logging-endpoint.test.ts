import { setTimeout } from 'node:timers/promises';
import {
  BedrockClient, type BedrockClientConfig, DeleteModelInvocationLoggingConfigurationCommand, GetModelInvocationLoggingConfigurationCommand,
  type LoggingConfig, PutModelInvocationLoggingConfigurationCommand,
} from '@aws-sdk/client-bedrock';
import {
  ACCESS_DENIED, BedrockLoggingEndpoint, type Failure, invalid, LOST_CONNECTION, LOST_CONNECTION_AFTER, type LoggingRegion, type Operation,
  permissionsForBucket, permissionsForLogGroup, SERVER_FAULT, THROTTLED, type Undocumented,
} from './bedrock-logging-endpoint';

const CREDENTIALS = { accessKeyId: 'key', secretAccessKey: 'secret' };
const LOGS: LoggingConfig = { s3Config: { bucketName: 'logs', keyPrefix: 'calls' }, textDataDeliveryEnabled: false };
const OTHER: LoggingConfig = { s3Config: { bucketName: 'other-logs' }, imageDataDeliveryEnabled: true };

let endpoint: BedrockLoggingEndpoint;
let region: LoggingRegion;
let client: BedrockClient;

const clientOf = (options: BedrockClientConfig = {}): BedrockClient => new BedrockClient({
  endpoint: endpoint.url, region: 'eu-west-1', credentials: CREDENTIALS, maxAttempts: 1, ...options,
});

const put = (loggingConfig: LoggingConfig | undefined, by = client): Promise<object> =>
  by.send(new PutModelInvocationLoggingConfigurationCommand({ loggingConfig }));
const get = async (by = client): Promise<object | undefined> => {
  const { loggingConfig } = await by.send(new GetModelInvocationLoggingConfigurationCommand({}));
  return loggingConfig;
};
const remove = (): Promise<object> => client.send(new DeleteModelInvocationLoggingConfigurationCommand({}));
const calling: Readonly<Record<Operation, () => Promise<unknown>>> = { Put: () => put(LOGS), Get: () => get(), Delete: remove };

beforeAll(async () => {
  endpoint = await BedrockLoggingEndpoint.start();
  client = clientOf();
  region = endpoint.region('eu-west-1');
});

afterEach(() => {
  region.reset();
});

afterAll(() => endpoint.stop());

test('listens on this machine only', () => {
  expect(endpoint.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test('fails to start on a port that is taken', async () => {
  await expect(BedrockLoggingEndpoint.start({ port: Number(new URL(endpoint.url).port) })).rejects.toThrow('EADDRINUSE');
});

test('reports nothing where nothing is configured', async () => {
  expect(await get()).toBeUndefined();
});

test('replaces the whole configuration with each put', async () => {
  await put(LOGS);
  await put(OTHER);
  expect(await get()).toEqual(OTHER);
  expect(region.live).toEqual(OTHER);
});

test('forgets the configuration, and has nothing against forgetting none', async () => {
  await put(LOGS);
  await remove();
  await remove();
  expect(await get()).toBeUndefined();
  expect(region.live).toBeUndefined();
});

test('reports what somebody else has configured', async () => {
  region.live = OTHER;
  expect(await get()).toEqual(OTHER);
});

test('keeps one configuration for each Region', async () => {
  await put(LOGS);
  expect(await get(clientOf({ region: 'us-east-1' }))).toBeUndefined();
  expect(endpoint.region('us-east-1').calls).toEqual([{ operation: 'Get' }]);
});

test('remembers the calls in their order', async () => {
  await put(LOGS);
  await get();
  await remove();
  expect(region.calls).toEqual([{ operation: 'Put', configuration: LOGS }, { operation: 'Get' }, { operation: 'Delete' }]);
});

test('forgets all that was ordered', async () => {
  region.fail('Put', THROTTLED, Infinity);
  region.undocumented = { reportsFalse: false, reportsUnsentAsTrue: true, reportsPrefix: 'with slash' };
  region.validate = () => invalid('no');
  region.reset();
  await put(LOGS);
  expect(await get()).toEqual(LOGS);
});

test.each([
  ['PUT', '/logging', 404],
  ['POST', '/logging/modelinvocations', 404],
  ['GET', '/logging/modelinvocations', 403],
])('refuses %s %s without a signature with the status %i', async (method, path, status) => {
  expect((await fetch(endpoint.url + path, { method })).status).toBe(status);
});

describe('a failure that was ordered', () => {
  test.each<[string, Failure]>([
    ['throttling', THROTTLED],
    ['a denial', ACCESS_DENIED],
    ['a fault', SERVER_FAULT],
    ['a refused bucket', permissionsForBucket('logs')],
    ['a refused log group', permissionsForLogGroup('calls', 'arn:aws:iam::111122223333:role/logs')],
  ])('reaches the client as the exception that it is: %s', async (_case, failure) => {
    region.fail('Put', failure, 1);
    await expect(put(LOGS)).rejects.toMatchObject({
      name: failure.name,
      message: failure.message,
      $fault: failure.status < 500 ? 'client' : 'server',
      $metadata: { httpStatusCode: failure.status },
    });
    expect(region.live).toBeUndefined();
  });

  test.each<Operation>(['Put', 'Get', 'Delete'])('meets the next calls of %s, so many of them, and no others', async operation => {
    region.fail(operation, THROTTLED, 2);
    for (const [name, call] of Object.entries(calling)) if (name !== operation) await call();
    for (let time = 0; time < 2; time++) await expect(calling[operation]()).rejects.toThrow(THROTTLED.message);
    await calling[operation]();
  });

  test('can be followed by another one', async () => {
    region.fail('Put', THROTTLED, 1);
    region.fail('Put', SERVER_FAULT, Infinity);
    await expect(put(LOGS)).rejects.toThrow(THROTTLED.message);
    for (let time = 0; time < 3; time++) await expect(put(LOGS)).rejects.toThrow(SERVER_FAULT.message);
  });

  test('ends when the service recovers', async () => {
    region.fail('Put', THROTTLED, Infinity);
    await expect(put(LOGS)).rejects.toThrow(THROTTLED.message);
    region.recover();
    await put(LOGS);
  });

  test.each([
    ['before', LOST_CONNECTION, undefined],
    ['after', LOST_CONNECTION_AFTER, LOGS],
  ])('breaks the connection %s the service does what it is asked', async (_case, failure, live) => {
    region.fail('Put', failure, 1);
    await expect(put(LOGS)).rejects.toThrow('socket hang up');
    expect(region.live).toEqual(live);
  });
});

test('has answers come late, after it has done what it was asked', async () => {
  region.delay('Put', 2_000);
  const hasty = clientOf({ requestHandler: { requestTimeout: 100, throwOnRequestTimeout: true } });
  await expect(put(LOGS, hasty)).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(region.live).toEqual(LOGS);
});

test('refuses what the test of the destinations refuses', async () => {
  region.validate = configuration => JSON.stringify(configuration).includes('other') ? permissionsForBucket('other-logs') : undefined;
  await put(LOGS);
  await expect(put(OTHER)).rejects.toThrow('Failed to validate permissions for bucket other-logs');
  expect(region.live).toEqual(LOGS);
});

test('waits for a test of the destinations that takes its time', async () => {
  const tested: object[] = [];
  region.validate = async configuration => {
    await setTimeout(10);
    tested.push(configuration);
    return undefined;
  };
  await put(LOGS);
  expect(tested).toEqual([LOGS]);
});

describe('limits of the documented request:', () => {
  const ROLE = 'arn:aws:iam::111122223333:role/';
  const toLogs = (logGroupName: string, roleArn = `${ROLE}logs`): LoggingConfig => ({ cloudWatchConfig: { logGroupName, roleArn } });

  test.each<[string, LoggingConfig]>([
    ['nothing at all', {}],
    ['the shortest bucket name', { s3Config: { bucketName: 'abc' } }],
    ['the longest bucket name', { s3Config: { bucketName: 'b'.repeat(63) } }],
    ['an empty key prefix', { s3Config: { bucketName: 'logs', keyPrefix: '' } }],
    ['the longest key prefix', { s3Config: { bucketName: 'logs', keyPrefix: 'p'.repeat(1024) } }],
    ['the shortest log group name', toLogs('g')],
    ['the longest log group name', toLogs('g'.repeat(512))],
    ['the longest role', toLogs('logs', ROLE.padEnd(2048, 'r'))],
    ['a role of another partition', toLogs('logs', 'arn:aws-us-gov:iam::111122223333:role/logs')],
  ])('takes %s', async (_case, configuration) => {
    await put(configuration);
    expect(await get()).toEqual(configuration);
  });

  test.each<[string, unknown, string]>([
    ['no configuration', undefined, 'loggingConfig is required'],
    ['no bucket name', { s3Config: {} }, 'loggingConfig.s3Config.bucketName is required'],
    ['a bucket name that is too short', { s3Config: { bucketName: 'ab' } }, 'loggingConfig.s3Config.bucketName failed'],
    ['a bucket name that is too long', { s3Config: { bucketName: 'b'.repeat(64) } }, 'loggingConfig.s3Config.bucketName failed'],
    ['a key prefix that is too long', { s3Config: { bucketName: 'logs', keyPrefix: 'p'.repeat(1025) } }, 'loggingConfig.s3Config.keyPrefix failed'],
    ['no role', { cloudWatchConfig: { logGroupName: 'logs' } }, 'loggingConfig.cloudWatchConfig.roleArn is required'],
    ['what is no role', toLogs('logs', 'logs'), 'loggingConfig.cloudWatchConfig.roleArn failed'],
    ['a role that is too long', toLogs('logs', ROLE.padEnd(2049, 'r')), 'loggingConfig.cloudWatchConfig.roleArn failed'],
    ['no log group name', toLogs(''), 'loggingConfig.cloudWatchConfig.logGroupName failed'],
    ['a log group name that is too long', toLogs('g'.repeat(513)), 'loggingConfig.cloudWatchConfig.logGroupName failed'],
    ['an empty bucket for large data', { cloudWatchConfig: { ...toLogs('logs').cloudWatchConfig, largeDataDeliveryS3Config: { bucketName: '' } } },
      'loggingConfig.cloudWatchConfig.largeDataDeliveryS3Config.bucketName failed'],
    ['a switch that is text', { textDataDeliveryEnabled: 'false' }, 'loggingConfig.textDataDeliveryEnabled is no Boolean'],
  ])('fails on %s', async (_case, configuration, problem) => {
    await expect(put(configuration as LoggingConfig)).rejects.toMatchObject({ name: 'ValidationException', message: expect.stringContaining(problem) });
    expect(region.live).toBeUndefined();
  });
});

describe('what AWS does not document:', () => {
  const ALL_OTHERS = {
    imageDataDeliveryEnabled: true, embeddingDataDeliveryEnabled: true, videoDataDeliveryEnabled: true, audioDataDeliveryEnabled: true,
  };

  test.each<[string, Partial<Undocumented>, object]>([
    ['switches that are off are reported', { reportsFalse: true }, LOGS],
    ['switches that are off are left out', { reportsFalse: false }, { s3Config: LOGS.s3Config }],
    ['switches that were not sent are reported as on', { reportsUnsentAsTrue: true }, { ...LOGS, ...ALL_OTHERS }],
    ['only switches that were not sent are reported', { reportsUnsentAsTrue: true, reportsFalse: false }, { s3Config: LOGS.s3Config, ...ALL_OTHERS }],
  ])('%s', async (_case, undocumented, reported) => {
    region.undocumented = { ...region.undocumented, ...undocumented };
    await put(LOGS);
    expect(await get()).toEqual(reported);
    expect(region.live).toEqual(LOGS);
  });

  test.each<[Undocumented['reportsPrefix'], string, string]>([
    ['as sent', 'calls/', 'calls/'],
    ['as sent', 'calls', 'calls'],
    ['without slash', 'calls/', 'calls'],
    ['without slash', 'calls', 'calls'],
    ['with slash', 'calls/', 'calls/'],
    ['with slash', 'calls', 'calls/'],
  ])('a prefix is reported %s: %s as %s', async (reportsPrefix, sent, reported) => {
    region.undocumented = { ...region.undocumented, reportsPrefix };
    const destination = { bucketName: 'logs', keyPrefix: sent };
    await put({ s3Config: destination });
    expect(await get()).toEqual({ s3Config: { ...destination, keyPrefix: reported } });
  });
});
