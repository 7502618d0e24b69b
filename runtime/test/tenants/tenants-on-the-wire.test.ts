import { createHmac } from 'node:crypto';
import { converse, Gateway, HASH_KEY, ROLE, textOf } from './gateway';

const gateway = Gateway.ofFile();

test('1000 parallel calls of 100 tenants over one client start 100 sessions, and each call is signed by that of its own tenant', async () => {
  const tenants = gateway.tenants();
  const client = gateway.bedrock(tenants.credentials);
  const calls = Array.from({ length: 1000 }, (_, index) => `tenant-${index % 100}`);
  await Promise.all(calls.map(tenant => tenants.forRequest({ tenant }).run(() => client.send(converse(tenant)))));

  expect(gateway.assumed).toHaveLength(100);
  expect(gateway.called).toHaveLength(1000);
  for (const request of gateway.called) {
    expect({ valid: request.signatureValid, signer: gateway.signer(request)?.sessionName, metadata: request.requestMetadata?.tenant })
      .toEqual({ valid: true, signer: textOf(request), metadata: textOf(request) });
  }
}, 120_000);

test('parallel calls over a client that shares what it has resolved are signed by the sessions of their tenants', async () => {
  const tenants = gateway.tenants();
  const client = gateway.bedrock(tenants.credentials, { cacheMiddleware: true });
  client.middlewareStack.use(tenants);
  const calls = Array.from({ length: 100 }, (_, index) => `tenant-${index % 10}`);
  // the second time, all sessions are there, and the calls go on side by side
  for (let time = 0; time < 2; time++) {
    await Promise.all(calls.map(tenant => tenants.session({ tenant }).run(() => client.send(converse(tenant)))));
  }
  expect(gateway.called).toHaveLength(200);
  expect(gateway.called.map(request => gateway.signer(request)?.sessionName)).toEqual(gateway.called.map(textOf));
});

test('calls of two tenants one after the other over one client are signed by two sessions', async () => {
  const tenants = gateway.tenants();
  const client = gateway.bedrock(tenants.credentials);
  for (const tenant of ['one', 'two', 'one']) await tenants.session({ tenant }).run(() => client.send(converse(tenant)));
  expect(gateway.called.map(request => gateway.signer(request)?.tags)).toEqual([{ Tenant: 'one' }, { Tenant: 'two' }, { Tenant: 'one' }]);
  expect(gateway.assumed).toHaveLength(2);
});

test('a session gives credentials to a client of its own', async () => {
  const session = gateway.tenants().session({ tenant: 'one' });
  const client = gateway.bedrock(session.credentials);
  await client.send(converse());
  await client.send(converse());
  expect(gateway.called.map(request => gateway.signer(request)?.sessionName)).toEqual(['one', 'one']);
  expect(gateway.assumed).toHaveLength(1);
});

test('fails a call outside of a session, and sends nothing', async () => {
  const tenants = gateway.tenants();
  const call = gateway.bedrock(tenants.credentials).send(converse());
  await expect(call).rejects.toMatchObject({ name: 'AttributionError', code: 'InvalidTenant', problems: [{ code: 'noTenant' }] });
  expect(gateway.endpoint.requests).toEqual([]);
});

test('sessions of one object are none of another', async () => {
  const [one, other] = [gateway.tenants(), gateway.tenants()];
  const call = one.session({ tenant: 'one' }).run(() => gateway.bedrock(other.credentials).send(converse()));
  await expect(call).rejects.toMatchObject({ problems: [{ code: 'noTenant' }] });
});

test('an inner session is the one that signs', async () => {
  const tenants = gateway.tenants();
  const client = gateway.bedrock(tenants.credentials);
  await tenants.session({ tenant: 'outer' }).run(async () => {
    await tenants.session({ tenant: 'inner' }).run(() => client.send(converse()));
    await client.send(converse());
  });
  expect(gateway.called.map(request => [gateway.signer(request)?.sessionName, request.requestMetadata?.tenant])).toEqual([['inner', 'inner'], ['outer', 'outer']]);
});

test('sends only what the role asks for', async () => {
  await gateway.tenants().session({ tenant: 'one' }).credentials();
  const { Action, Version, ...form } = gateway.form;
  expect([Action, Version]).toEqual(['AssumeRole', '2011-06-15']);
  expect(form).toEqual({
    'RoleArn': ROLE, 'RoleSessionName': 'one', 'DurationSeconds': '3600', 'Tags.member.1.Key': 'Tenant', 'Tags.member.1.Value': 'one',
  });
});

test('sends tags, name, source identity, transitive keys, external id and duration', async () => {
  const tenants = gateway.tenants({
    sessionKeys: ['customer', 'plan', 'tenant'],
    sessionNameKey: 'tenant',
    sourceIdentityKey: 'plan',
    transitiveKeys: ['tenant', 'customer'],
    externalId: 'gateway-1',
    durationSeconds: 7200,
  });
  const session = tenants.session({ tenant: 'one', plan: 'paid', customer: 'Zoë Søn' });
  expect(session.sessionName).toBe('one');
  const { accessKeyId } = await session.credentials();
  expect(gateway.endpoint.session(accessKeyId)).toMatchObject({
    roleArn: ROLE,
    sessionName: 'one',
    sourceIdentity: 'paid',
    tags: { Tenant: 'one', plan: 'paid', customer: 'Zoë Søn' },
    transitiveTagKeys: ['customer', 'Tenant'],
    externalId: 'gateway-1',
    durationSeconds: 7200,
  });
});

test('a personal value is the same keyed hash in the tags, the name of the session and the metadata', async () => {
  const tenants = gateway.tenants({ sessionKeys: ['user'], personalHashKey: HASH_KEY });
  const client = gateway.bedrock(tenants.credentials);
  await tenants.session({ user: 'jane@example.com' }).run(() => client.send(converse()));
  const [request] = gateway.called;
  const hash = request.requestMetadata!.user;
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(gateway.signer(request)).toMatchObject({ sessionName: hash, tags: { user: hash } });
  expect(JSON.stringify(gateway.endpoint.requests)).not.toContain('jane');
});

test('users within a tenant share its session, and each has its own value in the metadata', async () => {
  const tenants = gateway.tenants({ pinnedKeys: ['user'], claims: { user: 'sub' }, personalHashKey: HASH_KEY });
  const client = gateway.bedrock(tenants.credentials);
  const forged = { user: 'somebody', tenant: 'other' };
  for (const sub of ['jane', 'joe']) await tenants.forRequest({ tenant: 'one', sub }).run(() => client.send(converse(sub, forged)));
  expect(gateway.assumed).toHaveLength(1);
  expect(gateway.signer(gateway.called[0])?.tags).toEqual({ Tenant: 'one' });
  const hashOf = (user: string): string => createHmac('sha256', HASH_KEY).update(user).digest('hex');
  expect(gateway.called.map(({ requestMetadata }) => requestMetadata)).toEqual(['jane', 'joe'].map(user => (
    { team: 'platform', tenant: 'one', user: hashOf(user) }
  )));
});

describe('a call site cannot forge the tenant', () => {
  test.each([
    ['its metadata', () => converse('forged', { tenant: 'other', feature: 'summary' }), undefined],
    ['the context', () => converse(), { tenant: 'other', feature: 'summary' }],
  ])('by %s', async (_, command, values) => {
    const tenants = gateway.tenants();
    const client = gateway.bedrock(tenants.credentials);
    await tenants.session({ tenant: 'one' }).run(() => gateway.calls.withAttribution(values ?? {}, () => client.send(command())));
    expect(gateway.called[0]).toMatchObject({ requestMetadata: { team: 'platform', tenant: 'one', feature: 'summary' } });
    expect(gateway.signer(gateway.called[0])?.sessionName).toBe('one');
  });

  test('by one command', async () => {
    const tenants = gateway.tenants();
    const client = gateway.bedrock(tenants.credentials);
    await tenants.session({ tenant: 'one' }).run(() => client.send(gateway.calls.attribute(converse(), { tenant: 'other' })));
    expect(gateway.called[0].requestMetadata).toEqual({ team: 'platform', tenant: 'one' });
  });

  test.each(['client', 'Tenant', 'TENANT', '__proto__', 'tenant '])('by the name %j', async name => {
    const tenants = gateway.tenants();
    const client = gateway.bedrock(tenants.credentials);
    await tenants.session({ tenant: 'one' }).run(() => client.send(converse('forged', Object.fromEntries([[name, 'other']]))));
    expect(gateway.called[0].requestMetadata).toEqual({ team: 'platform', tenant: 'one' });
  });
});
