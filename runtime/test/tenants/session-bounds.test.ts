import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { TenantCredentials, type TenantCredentialsOptions } from '../../src/tenants';
import { Gateway, ROLE, SCHEMA } from './gateway';

/** As large as the tokens of STS. */
const TOKEN_BYTES = 1000;

/** STS without a network. */
function memorySts(): { client: TenantCredentialsOptions['client']; asked: () => number } {
  let asked = 0;
  const client: TenantCredentialsOptions['client'] = {
    send: () => {
      asked++;
      const SessionToken = Buffer.alloc(TOKEN_BYTES, asked).toString('latin1');
      const Credentials = { AccessKeyId: `ASIA${asked}`, SecretAccessKey: 'secret', SessionToken, Expiration: new Date(Date.now() + 3_600_000) };
      return Promise.resolve({ $metadata: {}, Credentials });
    },
  };
  return { client, asked: () => asked };
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

test('100,000 tenants take no more room than maxSessions of them', async () => {
  const { client, asked } = memorySts();
  let evicted = 0;
  const tenants = new TenantCredentials(SCHEMA, {
    client, roleArn: ROLE, sessionKeys: ['tenant'], maxSessions: 1000, onEvent: ({ type }) => {
      if (type === 'evicted') evicted++;
    },
  });
  const call = async (from: number, to: number): Promise<void> => {
    for (let tenant = from; tenant < to; tenant++) await tenants.session({ tenant: `tenant-${tenant}` }).credentials();
  };
  await call(0, 10_000);
  const before = heapUsed();
  await call(10_000, 100_000);
  const after = heapUsed();
  expect(tenants.size).toBe(1000);
  expect([asked(), evicted]).toEqual([100_000, 99_000]);
  // the tokens alone of those that came in between are 90 MB
  expect(after - before).toBeLessThan(10_000_000);
}, 120_000);

test('the tenant that was not asked for longest makes room', async () => {
  const { client, asked } = memorySts();
  const tenants = new TenantCredentials(SCHEMA, { client, roleArn: ROLE, sessionKeys: ['tenant'], maxSessions: 2 });
  for (const tenant of ['one', 'two', 'one', 'three', 'one']) await tenants.session({ tenant }).credentials();
  expect(asked()).toBe(3);
  await tenants.session({ tenant: 'two' }).credentials();
  expect(asked()).toBe(4);
});

test('refusals are bounded as well', async () => {
  const client: TenantCredentialsOptions['client'] = { send: () => Promise.reject(Object.assign(new Error('no'), { name: 'AccessDenied' })) };
  const tenants = new TenantCredentials(SCHEMA, { client, roleArn: ROLE, sessionKeys: ['tenant'], maxSessions: 3 });
  for (let tenant = 0; tenant < 10; tenant++) await expect(tenants.session({ tenant: `tenant-${tenant}` }).credentials()).rejects.toThrow('AccessDenied');
  expect(tenants.size).toBe(3);
});

test('no call fails when more tenants start at once than there is room for', async () => {
  const gateway = await new Gateway().start();
  try {
    const tenants = gateway.tenants({ maxSessions: 1 });
    const names = Array.from({ length: 10 }, (_, index) => `tenant-${index}`);
    const given = await Promise.all(names.map(tenant => tenants.session({ tenant }).credentials()));
    expect(given.map(({ accessKeyId }) => gateway.endpoint.session(accessKeyId)?.sessionName)).toEqual(names);
    expect(tenants.size).toBe(1);
  } finally {
    await gateway.close();
  }
});
