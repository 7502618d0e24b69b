import { AttributionError } from '../../src';
import { TenantCredentials } from '../../src/tenants';
import { converse, Gateway, type Options, ROLE, SCHEMA } from './gateway';

const gateway = Gateway.ofFile();

describe('what would not pass by itself', () => {
  test.each([
    ['AccessDenied', 'trust policy of the role'],
    ['ValidationError', 'limits of AssumeRole'],
    ['PackedPolicyTooLarge', 'name fewer sessionKeys, or shorten their values'],
    ['MalformedPolicyDocument', 'policies of the role'],
    ['RegionDisabledException', 'activate STS in the Region'],
  ])('%s is an error that says what to change, and is kept for a minute', async (code, remedy) => {
    const tenants = gateway.tenants();
    const client = gateway.bedrock(tenants.credentials);
    const call = (): Promise<unknown> => tenants.session({ tenant: 'one' }).run(() => client.send(converse()));
    gateway.endpoint.order('AssumeRole', { code, message: 'refused', status: 403 });
    const errors = await Promise.all([call(), call()].map(failed => failed.catch((error: unknown) => error)));
    gateway.clock.forward(59);
    errors.push(await call().catch((error: unknown) => error));
    for (const error of errors) {
      expect(AttributionError.is(error)).toBe(true);
      expect(error).toMatchObject({ code: 'InvalidTenant', problems: [{ code: 'sessionRefused', path: 'AssumeRole' }], cause: { message: 'refused' } });
      expect((error as Error).message).toContain(remedy);
    }
    expect(gateway.assumed).toHaveLength(1);
    expect(gateway.events.map(event => 'cached' in event ? event.cached : event.type)).toEqual(['miss', 'miss', false, true]);

    gateway.clock.forward(1);
    await call();
    expect(gateway.assumed).toHaveLength(2);
  });

  test('refuses one tenant and no other', async () => {
    const tenants = gateway.tenants();
    gateway.endpoint.order('AssumeRole', { code: 'AccessDenied', when: ({ body }) => body.includes('RoleSessionName=bad') });
    await expect(tenants.session({ tenant: 'bad' }).credentials()).rejects.toThrow('AccessDenied');
    await expect(tenants.session({ tenant: 'good' }).credentials()).resolves.toBeDefined();
  });

  test('with negativeSeconds 0 nothing is kept', async () => {
    const { credentials } = gateway.tenants({ negativeSeconds: 0 }).session({ tenant: 'one' });
    gateway.endpoint.order('AssumeRole', { code: 'AccessDenied' });
    await expect(credentials()).rejects.toThrow('AccessDenied');
    await expect(credentials()).resolves.toBeDefined();
  });

  test('with negativeSeconds 0 it is not asked for a session in place of a valid one all the time either', async () => {
    const { credentials } = gateway.tenants({ negativeSeconds: 0 }).session({ tenant: 'one' });
    await credentials();
    gateway.clock.forward(2700);
    gateway.endpoint.order('AssumeRole', { code: 'AccessDenied' });
    for (let call = 0; call < 3; call++) {
      await credentials();
      await gateway.idle();
    }
    expect(gateway.assumed).toHaveLength(2);
  });

  test('leaves the session that is still valid in use until its end', async () => {
    const { credentials } = gateway.tenants().session({ tenant: 'one' });
    const former = await credentials();
    gateway.clock.forward(3535);
    gateway.endpoint.order('AssumeRole', { code: 'AccessDenied', times: 2 });
    expect(await credentials()).toBe(former);
    await gateway.idle();
    gateway.clock.forward(59);
    expect(await credentials()).toBe(former);
    expect(gateway.assumed).toHaveLength(2);
    gateway.clock.forward(6);
    await expect(credentials()).rejects.toThrow('AccessDenied');
    expect(gateway.assumed).toHaveLength(3);
    expect(gateway.events.find(({ type }) => type === 'refresh-failed')).toMatchObject({ code: 'AccessDenied', retryInMs: 60_000 });
  });
});

test('fails sessions of more than an hour when the gateway runs with a role itself', async () => {
  const own = await gateway.tenants().session({ tenant: 'gateway' }).credentials();
  const tenants = gateway.tenants({ durationSeconds: 3601 }, { credentials: own });
  await expect(tenants.session({ tenant: 'one' }).credentials()).rejects.toThrow('set durationSeconds to 3600');
});

test('a gateway that runs with a role itself can have sessions of an hour', async () => {
  const own = await gateway.tenants().session({ tenant: 'gateway' }).credentials();
  const { accessKeyId } = await gateway.tenants({}, { credentials: own }).session({ tenant: 'one' }).credentials();
  expect(gateway.endpoint.session(accessKeyId)).toMatchObject({ sessionName: 'one', durationSeconds: 3600, caller: { sessionName: 'gateway' } });
});

test('what is wrong with the credentials of the gateway is no refusal of the tenant', async () => {
  const { credentials } = gateway.tenants().session({ tenant: 'one' });
  gateway.endpoint.order('AssumeRole', { code: 'ExpiredToken', message: 'The security token included in the request is expired' });
  await expect(credentials()).rejects.toMatchObject({ name: expect.stringMatching(/^ExpiredToken/) });
  await expect(credentials()).resolves.toBeDefined();
});

test('fails on an answer without credentials, and the next call asks again', async () => {
  const answers = [{ $metadata: {} }, { $metadata: {}, Credentials: { AccessKeyId: 'a', SecretAccessKey: 's', SessionToken: 't', Expiration: new Date(Date.now() + 3.6e6) } }];
  const client: Options['client'] = { send: () => Promise.resolve(answers.shift()!) };
  const tenants = new TenantCredentials(SCHEMA, { client, roleArn: ROLE, sessionKeys: ['tenant'] });
  await expect(tenants.session({ tenant: 'one' }).credentials()).rejects.toThrow('without the credentials');
  await expect(tenants.session({ tenant: 'one' }).credentials()).resolves.toMatchObject({ accessKeyId: 'a', sessionToken: 't' });
});

test('fails with what a client throws, whatever it is', async () => {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- clients are not ours
  const { credentials } = gateway.tenants({ client: { send: () => Promise.reject('gone') } }).session({ tenant: 'one' });
  await expect(credentials()).rejects.toBe('gone');
  expect(gateway.events).toContainEqual({ type: 'failed', code: 'string' });
});
