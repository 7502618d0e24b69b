import { call, CallError, isRefusedWith, type Patience } from '../../../lib/private/handlers/calls.lambda-shared';

let now: number;
let patience: Patience;

beforeEach(() => {
  now = 0;
  patience = {
    timing: {
      now: () => now,
      sleep: milliseconds => {
        now += milliseconds;
        return Promise.resolve();
      },
      random: () => 0,
    },
    deadline: 10_000,
  };
});

function refusal(name: string): Error {
  return Object.assign(new Error('said the service'), { name, $fault: 'client' });
}

/** An operation that fails so often. */
function failing(error: Error, times: number): () => Promise<string> {
  let left = times;
  return () => left-- > 0 ? Promise.reject(error) : Promise.resolve('done');
}

async function problemOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error);
}

test('a fault that passes is waited for', async () => {
  await expect(call('s3:GetObject', patience, failing(Object.assign(new Error(), { $fault: 'server' }), 2))).resolves.toBe('done');
  expect(now).toBeGreaterThan(0);
});

test('fails with what a service has said to the end, and how long it was asked', async () => {
  const problem = await problemOf(call('iam:ListRoles', patience, failing(refusal('ThrottlingException'), Infinity)));
  expect(problem).toEqual(new CallError('iam:ListRoles: gave up after 4 attempts in 7 seconds: ThrottlingException: said the service', undefined));
  expect(isRefusedWith(problem, 'ThrottlingException')).toBe(true);
});

test('fails at once when it is refused, naming the action', async () => {
  const problem = await problemOf(call('iam:ListRoles', patience, failing(refusal('AccessDenied'), 1)));
  expect(problem).toEqual(new CallError('iam:ListRoles was refused with AccessDenied: said the service', undefined));
  expect(now).toBe(0);
});

describe('a refusal that may be over soon', () => {
  beforeEach(() => {
    patience = { ...patience, isRetryable: error => (error as Error).name === 'AccessDenied' };
  });

  test('is waited for', async () => {
    await expect(call('s3:PutObject', patience, failing(refusal('AccessDenied'), 2))).resolves.toBe('done');
  });

  test('fails as a refusal when it is not over in time', async () => {
    await expect(call('s3:PutObject', patience, failing(refusal('AccessDenied'), Infinity))).rejects.toThrow(/^s3:PutObject was refused with AccessDenied: said the service$/);
    expect(now).toBeGreaterThan(0);
  });

  test('is not any other one', async () => {
    await expect(call('s3:PutObject', patience, failing(refusal('NoSuchBucket'), 1))).rejects.toThrow('was refused with NoSuchBucket');
    expect(now).toBe(0);
  });
});

test('fails with what is no answer of a service as it is', async () => {
  const error = new TypeError('a mistake');
  await expect(call('s3:PutObject', patience, failing(error, 1))).rejects.toBe(error);
});

test.each<[unknown, boolean]>([
  [new CallError('x', refusal('NoSuchKey')), true],
  [new CallError('x', refusal('NoSuchBucket')), false],
  [new CallError('x', 'NoSuchKey'), false],
  [refusal('NoSuchKey'), false],
])('a refusal is known by the name of its cause: %p', (error, expected) => {
  expect(isRefusedWith(error, 'NoSuchKey', 'PreconditionFailed')).toBe(expected);
});
