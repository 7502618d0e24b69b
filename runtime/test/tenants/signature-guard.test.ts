import { converse, Gateway } from './gateway';

const gateway = Gateway.ofFile();

afterEach(() => {
  delete process.env.AWS_BEARER_TOKEN_BEDROCK;
});

const OTHER = { name: 'AttributionError', code: 'InvalidTenant', problems: [{ code: 'otherSignature' }] };

test('a call that is signed with the session of its tenant goes on', async () => {
  const tenants = gateway.tenants();
  const client = gateway.bedrock(tenants.credentials);
  client.middlewareStack.use(tenants);
  await Promise.all(['one', 'two'].map(tenant => tenants.session({ tenant }).run(() => client.send(converse(tenant)))));
  expect(gateway.called).toHaveLength(2);
});

test('a call that was signed before the session was replaced goes on', async () => {
  const tenants = gateway.tenants();
  const session = tenants.session({ tenant: 'one' });
  const client = gateway.bedrock(tenants.credentials);
  client.middlewareStack.use(tenants);
  client.middlewareStack.add(next => async args => {
    gateway.clock.forward(3601);
    await session.credentials();
    return next(args);
  }, { step: 'finalizeRequest', priority: 'low' });
  // the endpoint goes by the clock of the test as well, and refuses the old session: but the call has reached it
  await expect(session.run(() => client.send(converse()))).rejects.toMatchObject({ name: 'ExpiredTokenException' });
  expect(gateway.called).toHaveLength(1);
});

test('fails a call with a bearer token, for which no credentials are asked', async () => {
  process.env.AWS_BEARER_TOKEN_BEDROCK = gateway.endpoint.apiKey;
  const tenants = gateway.tenants();
  const client = gateway.bedrock(tenants.credentials);
  client.middlewareStack.use(tenants);
  await expect(tenants.session({ tenant: 'one' }).run(() => client.send(converse()))).rejects.toMatchObject(OTHER);
  expect(gateway.called).toEqual([]);
});

test('fails a call of a second tenant by a client that keeps the credentials of the first', async () => {
  const tenants = gateway.tenants();
  // as a function around them is kept, and as an old SDK keeps any
  const client = gateway.bedrock(() => tenants.credentials());
  client.middlewareStack.use(tenants);
  await tenants.session({ tenant: 'one' }).run(() => client.send(converse()));
  await expect(tenants.session({ tenant: 'two' }).run(() => client.send(converse()))).rejects.toMatchObject(OTHER);
  expect(gateway.called).toHaveLength(1);
});

test('fails a call with credentials of the gateway', async () => {
  const tenants = gateway.tenants();
  const client = gateway.bedrock(gateway.endpoint.credentials);
  client.middlewareStack.use(tenants);
  await expect(tenants.session({ tenant: 'one' }).run(() => client.send(converse()))).rejects.toMatchObject(OTHER);
});

test('fails a call outside of a session, whatever it is signed with', async () => {
  const tenants = gateway.tenants();
  const client = gateway.bedrock(tenants.session({ tenant: 'one' }).credentials);
  client.middlewareStack.use(tenants);
  await expect(client.send(converse())).rejects.toMatchObject({ problems: [{ code: 'noTenant' }] });
});

test('fails a call whose metadata would have the tenant of another session, within its own', async () => {
  const [outer, inner] = [gateway.tenants(), gateway.tenants()];
  const client = gateway.bedrock(outer.credentials);
  client.middlewareStack.use(outer);
  const within = (tenant: string): Promise<unknown> => (
    outer.session({ tenant: 'one' }).run(() => inner.session({ tenant }).run(() => client.send(converse())))
  );
  await expect(within('two')).rejects.toMatchObject(OTHER);
  expect(gateway.called).toEqual([]);
  await within('one');
  expect(gateway.called).toHaveLength(1);
});
