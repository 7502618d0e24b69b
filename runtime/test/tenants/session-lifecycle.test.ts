import { converse, Gateway } from './gateway';

const gateway = Gateway.ofFile();

/** Names of tenants. */
const MANY = Array.from({ length: 20 }, (_, index) => `tenant-${index}`);

describe('while a session lasts', () => {
  test('calls one after the other share it', async () => {
    const tenants = gateway.tenants();
    for (let call = 0; call < 3; call++) await tenants.forRequest({ tenant: 'one' }).credentials();
    expect(gateway.assumed).toHaveLength(1);
    expect(gateway.events.map(({ type }) => type)).toEqual(['miss', 'assumed', 'hit', 'hit']);
  });

  test('calls at the same time share the one request for it', async () => {
    const tenants = gateway.tenants();
    const all = await Promise.all(Array.from({ length: 50 }, () => tenants.forRequest({ tenant: 'one' }).credentials()));
    expect(new Set(all.map(({ accessKeyId }) => accessKeyId)).size).toBe(1);
    expect(gateway.assumed).toHaveLength(1);
  });

  test('values that differ in anything have sessions of their own', async () => {
    const tenants = gateway.tenants({ sessionKeys: ['tenant', 'customer'] });
    const values = [['one', 'a'], ['one', 'b'], ['One', 'a'], ['one', 'ab'], ['onea', 'b']];
    const given = await Promise.all(values.map(([tenant, customer]) => tenants.session({ tenant, customer }).credentials()));
    const tags = given.map(({ accessKeyId }) => gateway.endpoint.session(accessKeyId)?.tags);
    expect(tags).toEqual(values.map(([Tenant, customer]) => ({ Tenant, customer })));
    expect(gateway.assumed).toHaveLength(values.length);
  });
});

describe('ahead of its end', () => {
  test.each([
    ['earliest', 0, 900],
    ['latest', 0.999999, 450],
  ])('a session is replaced at a random moment: at the %s', async (_, random, seconds) => {
    const tenants = gateway.tenants({ random: () => random });
    const { credentials } = tenants.session({ tenant: 'one' });
    await credentials();
    gateway.clock.forward(3600 - seconds - 1);
    await credentials();
    await gateway.idle();
    expect(gateway.assumed).toHaveLength(1);
    gateway.clock.forward(1);
    await credentials();
    await gateway.idle();
    expect(gateway.assumed).toHaveLength(2);
    expect(gateway.events.at(-1)).toMatchObject({ type: 'refreshed', attempts: 1 });
  });

  test('nobody waits for that, and it is done once', async () => {
    const { credentials } = gateway.tenants().session({ tenant: 'one' });
    const former = await credentials();
    gateway.clock.forward(3000);
    let answer = (): void => undefined;
    gateway.endpoint.order('AssumeRole', { until: new Promise<void>(resolve => answer = resolve) });
    expect(await Promise.all([credentials(), credentials(), credentials()])).toEqual([former, former, former]);
    answer();
    await gateway.idle();
    expect((await credentials()).accessKeyId).not.toBe(former.accessKeyId);
    expect(gateway.assumed).toHaveLength(2);
  });

  test('a session that nobody uses is not replaced', async () => {
    await gateway.tenants().session({ tenant: 'one' }).credentials();
    gateway.clock.forward(3500);
    await gateway.idle();
    expect(gateway.assumed).toHaveLength(1);
  });

  test('in the last minute calls wait for the next session', async () => {
    const { credentials } = gateway.tenants().session({ tenant: 'one' });
    const former = await credentials();
    gateway.clock.forward(3541);
    expect((await credentials()).accessKeyId).not.toBe(former.accessKeyId);
  });
});

test('clock moved past the end with calls in flight: one new session per tenant, and no failed call', async () => {
  const tenants = gateway.tenants();
  const client = gateway.bedrock(tenants.credentials);
  const call = (tenant: string): Promise<unknown> => tenants.forRequest({ tenant }).run(() => client.send(converse(tenant)));
  let answer = (): void => undefined;
  gateway.endpoint.order('Converse', { times: MANY.length, until: new Promise<void>(resolve => answer = resolve) });

  const early = MANY.map(call);
  await gateway.endpoint.arrived('Converse', MANY.length);
  gateway.clock.forward(3601);
  const late = [...MANY, ...MANY, ...MANY].map(call);
  answer();
  await Promise.all([...early, ...late]);

  expect(gateway.called).toHaveLength(4 * MANY.length);
  for (const tenant of MANY) {
    const keys = gateway.called.filter(request => gateway.signer(request)?.sessionName === tenant).map(({ accessKeyId }) => accessKeyId);
    expect([keys.length, new Set(keys).size]).toEqual([4, 2]);
  }
  expect(gateway.assumed).toHaveLength(2 * MANY.length);
});

describe('while STS is down', () => {
  test.each(['reset', 'unavailable'] as const)('for 30 seconds within validity (%s) no call fails, and STS is asked ever less often', async outage => {
    const tenants = gateway.tenants();
    const client = gateway.bedrock(tenants.credentials);
    const call = (): Promise<unknown> => tenants.session({ tenant: 'one' }).run(() => client.send(converse()));
    await call();
    gateway.clock.forward(2700);
    gateway.endpoint.down('sts', outage);
    for (let second = 0; second < 30; second++) {
      await call();
      await gateway.idle();
      gateway.clock.forward(1);
    }
    expect(gateway.called).toHaveLength(31);
    const failures = gateway.events.filter(event => event.type === 'refresh-failed');
    expect(failures.map(({ retryInMs }) => retryInMs)).toEqual([1000, 2000, 4000, 8000, 16_000]);
    expect(gateway.assumed).toHaveLength(1 + failures.length);

    gateway.endpoint.up('sts');
    gateway.clock.forward(1);
    await call();
    await gateway.idle();
    expect(gateway.events.at(-1)).toMatchObject({ type: 'refreshed' });

    gateway.clock.forward(2700);
    gateway.endpoint.down('sts', outage);
    await call();
    await gateway.idle();
    expect(gateway.events.at(-1)).toMatchObject({ type: 'refresh-failed', retryInMs: 1000 });
  });

  test('attempts are a minute apart at most, and by half at random', async () => {
    const tenants = gateway.tenants({ random: () => 0.5 });
    const { credentials } = tenants.session({ tenant: 'one' });
    await credentials();
    gateway.clock.forward(2925);
    gateway.endpoint.down('sts');
    for (let attempt = 0; attempt < 8; attempt++) {
      await credentials();
      await gateway.idle();
      gateway.clock.forward(60);
    }
    const waits = gateway.events.flatMap(event => event.type === 'refresh-failed' ? [event.retryInMs] : []);
    expect(waits).toEqual([750, 1500, 3000, 6000, 12_000, 24_000, 45_000, 45_000]);
  });

  test('in the last minute the old session is good enough', async () => {
    const { credentials } = gateway.tenants().session({ tenant: 'one' });
    const former = await credentials();
    gateway.clock.forward(3599);
    gateway.endpoint.down('sts');
    expect(await credentials()).toBe(former);
    expect(await credentials()).toBe(former);
    expect(gateway.assumed).toHaveLength(2);
  });

  test('fails a call after the end of the session, and the next one asks again', async () => {
    const { credentials } = gateway.tenants().session({ tenant: 'one' });
    await credentials();
    gateway.clock.forward(3600);
    gateway.endpoint.down('sts', 'unavailable');
    await expect(credentials()).rejects.toMatchObject({ name: 'ServiceUnavailable' });
    gateway.endpoint.up('sts');
    await credentials();
    expect(gateway.events.map(({ type }) => type)).toEqual(['miss', 'assumed', 'miss', 'failed', 'miss', 'assumed']);
  });

  test('fails a call when the session ends while the next one is waited for', async () => {
    const { credentials } = gateway.tenants().session({ tenant: 'one' });
    await credentials();
    gateway.clock.forward(3599);
    let answer = (): void => undefined;
    gateway.endpoint.order('AssumeRole', { code: 'ServiceUnavailable', until: new Promise<void>(resolve => answer = resolve) });
    const waiting = credentials();
    await gateway.endpoint.arrived('AssumeRole', 2);
    gateway.clock.forward(1);
    answer();
    await expect(waiting).rejects.toMatchObject({ name: 'ServiceUnavailable' });
  });

  test('a first call that fails leaves nothing behind', async () => {
    const tenants = gateway.tenants();
    gateway.endpoint.down('sts', 'unavailable');
    await expect(tenants.session({ tenant: 'one' }).credentials()).rejects.toThrow();
    expect(tenants.size).toBe(0);
  });
});

describe('when STS throttles', () => {
  /** Tries again at once, so that no test waits. */
  const atOnce = (attempts: number): object => ({
    acquireInitialRetryToken: () => ({ getRetryCount: () => 0, getRetryDelay: () => 0 }),
    refreshRetryTokenForRetry: (token: { getRetryCount(): number }) => {
      const count = token.getRetryCount() + 1;
      if (count >= attempts) throw new Error('no attempts are left');
      return { getRetryCount: () => count, getRetryDelay: () => 0 };
    },
    recordSuccess: () => undefined,
  });

  test('the retries of the SDK have calls succeed', async () => {
    const tenants = gateway.tenants({}, { retryStrategy: atOnce(3) as never });
    const client = gateway.bedrock(tenants.credentials);
    gateway.endpoint.order('AssumeRole', { code: 'Throttling', message: 'Rate exceeded', times: 2 });
    await Promise.all(Array.from({ length: 10 }, () => tenants.session({ tenant: 'one' }).run(() => client.send(converse()))));
    expect(gateway.called).toHaveLength(10);
    expect(gateway.assumed).toHaveLength(3);
    expect(gateway.events).toContainEqual(expect.objectContaining({ type: 'assumed', attempts: 3 }));
  });

  test('beyond them the session that is still valid is used, and STS is asked later', async () => {
    const { credentials } = gateway.tenants().session({ tenant: 'one' });
    const former = await credentials();
    gateway.clock.forward(2700);
    gateway.endpoint.order('AssumeRole', { code: 'Throttling' });
    expect(await credentials()).toBe(former);
    await gateway.idle();
    expect(await credentials()).toBe(former);
    expect(gateway.assumed).toHaveLength(2);
    expect(gateway.events.slice(3, 5)).toEqual([
      { type: 'throttled', code: 'Throttling' },
      { type: 'refresh-failed', code: 'Throttling', retryInMs: 1000 },
    ]);
    gateway.clock.forward(1);
    await credentials();
    await gateway.idle();
    expect(gateway.counted('refreshed')).toBe(1);
  });

  test('fails a first call with the error of STS, and the next one asks again', async () => {
    const { credentials } = gateway.tenants().session({ tenant: 'one' });
    gateway.endpoint.order('AssumeRole', { code: 'Throttling' });
    await expect(credentials()).rejects.toMatchObject({ name: 'Throttling' });
    await credentials();
    expect(gateway.events.map(({ type }) => type)).toEqual(['miss', 'throttled', 'failed', 'miss', 'assumed']);
  });
});
