import { AttributionError } from '../../src';
import type { BedrockAuth } from '../../src/mantle';
import { authorizedFetch } from '../../src/mantle/authorized-fetch';
import { type ProjectToVerify, verifyProject } from '../../src/mantle/verify-project';
import { endpointOfFile } from '../support/endpoint-of-file';

const ID = 'proj_abc123';

const endpoint = endpointOfFile();

beforeEach(() => {
  endpoint().projects.set(ID, { id: ID, name: 'Assistant', status: 'active', tags: {} });
});

const waits: number[] = [];
const noted = (milliseconds: number): Promise<void> => {
  waits.push(milliseconds);
  return Promise.resolve();
};

beforeEach(() => {
  waits.length = 0;
});

/** The error that asking fails with, which must be one of attribution. */
async function failure(asking: Promise<unknown>): Promise<AttributionError> {
  const error: unknown = await asking.then(() => undefined, (reason: unknown) => reason);
  if (!AttributionError.is(error)) throw new Error('no attribution error', { cause: error });
  return error;
}

type Question = Partial<ProjectToVerify> & { readonly auth?: BedrockAuth };

/** Asks about the project without waiting. */
function verify({ auth = { bearerToken: endpoint().apiKey }, ...more }: Question = {}): Promise<void> {
  const authorized = authorizedFetch({ auth, region: 'us-east-1' });
  return verifyProject({ projectId: ID, endpoint: endpoint().url, authorized, wait: noted, random: () => 0.5, ...more });
}

test.each([
  ['throttles', { code: 'ThrottlingException', status: 429 }],
  ['fails', { code: 'InternalServerException', status: 500 }],
  ['is unavailable', { code: 'ServiceUnavailable', status: 503 }],
])('it is asked again when it %s', async (_, order) => {
  endpoint().order('GetProject', { ...order, times: 2 });
  await verify();
  expect(waits).toEqual([150, 300]);
  expect(endpoint().requestsOf('GetProject')).toHaveLength(3);
});

test('it is asked again when the connection breaks', async () => {
  endpoint().down('bedrock-mantle');
  await verify({
    wait: milliseconds => {
      endpoint().up('bedrock-mantle');
      return noted(milliseconds);
    },
  });
  expect(waits).toHaveLength(1);
});

test('it is asked again when an answer takes too long', async () => {
  let answer = (): void => undefined;
  endpoint().order('GetProject', { until: new Promise<void>(resolve => answer = resolve) });
  await verify({ timeoutSeconds: 0.02 });
  expect(waits).toHaveLength(1);
  answer();
});

test.each([
  [undefined, 3],
  [1, 1],
  [4, 4],
])('fails after %p attempts, with what it said last', async (attempts, asked) => {
  endpoint().order('GetProject', { code: 'ThrottlingException', status: 429, message: 'slow down', times: 10 });
  const { problems } = await failure(verify({ attempts }));
  expect(problems).toMatchObject([{ code: 'unverified', got: '"429 slow down"' }]);
  expect(endpoint().requestsOf('GetProject')).toHaveLength(asked);
});

test('fails when it cannot be reached, with the reason as the cause', async () => {
  endpoint().down('bedrock-mantle');
  const error = await failure(verify());
  expect(error).toMatchObject({ code: 'InvalidProject', cause: expect.objectContaining({ message: 'fetch failed' }), problems: [{ code: 'unverified' }] });
});

test('fails when it redirects, so that nothing goes along to another host', async () => {
  endpoint().order('GetProject', { status: 307, headers: { location: `${endpoint().url}/v1/responses` } });
  expect((await failure(verify({ attempts: 1 }))).problems).toMatchObject([{ code: 'unverified' }]);
  expect(endpoint().requests).toHaveLength(1);
});

test('fails with a key that no header may have, without the key', async () => {
  const error = await failure(verify({ auth: { bearerToken: () => 'hunter2\nhunter2' } }));
  expect(error.message).toContain('a text that no header may have');
  expect(`${error.message}${String(error.cause)}`).not.toContain('hunter2');
});

test('fails when credentials fail, with their error as the cause', async () => {
  const error = await failure(verify({ auth: { credentials: () => Promise.reject(new Error('no role')) } }));
  expect(error.cause).toMatchObject({ message: 'no role' });
});

test('waits with a timer of its own unless told otherwise', async () => {
  endpoint().order('GetProject', { code: 'ThrottlingException', status: 429 });
  await verify({ wait: undefined, random: () => -0.99 });
  expect(endpoint().requestsOf('GetProject')).toHaveLength(2);
});
