import * as fc from 'fast-check';
import { AttributionError, type AttributionSchema, defineAttributionSchema, type SchemaSource } from '../../src';
import { type ClaimMapping, TenantCredentials, type TenantCredentialsOptions, type TenantEvent, type TenantSession } from '../../src/tenants';
import { converse, Gateway, HASH_KEY, ROLE, SCHEMA } from './gateway';

const gateway = Gateway.ofFile();

function problemsOf(fn: () => unknown): string[] {
  try {
    fn();
    return [];
  } catch (error) {
    if (!AttributionError.is(error)) throw error;
    expect(error.code).toBe('InvalidTenant');
    return error.problems.map(({ code, path, got }) => `${code} ${path} ${got}`);
  }
}

describe('claims', () => {
  const CLAIM = 'https://example.com/claims/tenant';

  test.each<[string, ClaimMapping | undefined, Record<string, unknown>]>([
    ['the claim with the name of the key', undefined, { tenant: 'one', sub: 'x' }],
    ['a named claim', CLAIM, { [CLAIM]: 'one', tenant: 'other' }],
    ['a function', claims => (claims.tenants as string[])[0], { tenants: ['one'] }],
  ])('become a value by %s', (_, mapping, claims) => {
    const tenants = gateway.tenants({ claims: mapping === undefined ? {} : { tenant: mapping } });
    expect(tenants.forRequest(claims).values).toEqual({ tenant: 'one' });
  });

  test.each([
    ['a missing claim', {}, 'missingKey session.tenant nothing'],
    ['an empty one', { tenant: '' }, 'missingKey session.tenant ""'],
    ['a list', { tenant: ['one'] }, 'type session.tenant "a list"'],
    ['a number', { tenant: 17 }, 'type session.tenant "a value of type number"'],
    ['an object', { tenant: { id: 'one' } }, 'type session.tenant "a value of type object"'],
    ['null', { tenant: null }, 'type session.tenant "null"'],
    ['true', { tenant: true }, 'type session.tenant "a value of type boolean"'],
    ['an object that is a text', { tenant: new String('one') }, 'type session.tenant "a value of type object"'],
    ['an inherited claim', Object.create({ tenant: 'one' }), 'missingKey session.tenant nothing'],
  ])('fail with %s', (_, claims, problem) => {
    expect(problemsOf(() => gateway.tenants().forRequest(claims as object))).toEqual([problem]);
  });

  test('fail when a function finds nothing', () => {
    const tenants = gateway.tenants({ claims: { tenant: () => undefined } });
    expect(problemsOf(() => tenants.forRequest({ tenant: 'one' }))).toEqual(['missingKey session.tenant nothing']);
  });

  test('fail when a function fails', () => {
    const tenants = gateway.tenants({ claims: { tenant: claims => (claims.tenants as string[])[0] } });
    expect(() => tenants.forRequest({ tenant: 'one' })).toThrow(TypeError);
  });

  test('fail two header values in one', () => {
    expect(problemsOf(() => gateway.tenants().forRequest({ tenant: 'one, two' }))).toContain('value session.tenant "one, two"');
  });
});

describe('values', () => {
  const all = { sessionKeys: ['tenant', 'plan', 'customer', 'user'] as const, personalHashKey: HASH_KEY };

  test('fail together', () => {
    const tenants = gateway.tenants({ ...all, sessionKeys: [...all.sessionKeys] });
    const given = { tenant: 'x'.repeat(65), plan: 'gold', customer: 'a,b', team: 'platform' };
    expect(problemsOf(() => tenants.session(given as never))).toEqual([
      `length session.tenant "${'x'.repeat(65)}"`,
      'value session.plan "gold"',
      'characters session.customer "a,b"',
      'missingKey session.user nothing',
      'notTenantKey session.team "a value of type string"',
    ]);
  });

  test.each([
    ['2 characters', 'ab', []],
    ['64 characters', 'x'.repeat(64), []],
    ['one character', 'x', ['length session.tenant "x"']],
    ['65 characters', 'x'.repeat(65), [`length session.tenant "${'x'.repeat(65)}"`]],
  ])('name a session with %s', (_, tenant, problems) => {
    expect(problemsOf(() => gateway.tenants().session({ tenant }))).toEqual(problems);
  });

  test.each([
    ['256 characters', 'ü'.repeat(256), 0],
    ['257 characters', 'ü'.repeat(257), 1],
    ['half of a character', '\ud83d', 1],
  ])('are tags with %s', (_, customer, problems) => {
    const tenants = gateway.tenants({ sessionKeys: ['tenant', 'customer'] });
    expect(problemsOf(() => tenants.session({ tenant: 'one', customer }))).toHaveLength(problems);
  });

  test.each([
    ['missing', undefined, ['missingKey session.request_id nothing']],
    ['illegal in metadata', 'zoë', ['characters session.request_id "zoë"']],
    ['too long for metadata', 'x'.repeat(257), [`length session.request_id "${'x'.repeat(257)}"`]],
    ['of 256 characters that no tag takes', '#'.repeat(256), []],
  ])('that are pinned are checked when %s', (_, request_id, problems) => {
    expect(problemsOf(() => gateway.tenants({ pinnedKeys: ['request_id'] }).forRequest({ tenant: 'one', request_id }))).toEqual(problems);
  });

  test('fail where metadata would lose them', () => {
    const schema = defineAttributionSchema({ version: 1, keys: [{ name: 'tenant', description: 'Tenant.' }, { name: 'other', description: 'Other.' }] });
    const client: TenantCredentialsOptions['client'] = { send: () => Promise.reject(new Error('nothing is asked')) };
    const tenants = new TenantCredentials(schema, { client, roleArn: ROLE, sessionKeys: ['tenant', 'other'] });
    expect(problemsOf(() => tenants.session({ tenant: 'one', other: 'zoë' }))).toEqual(['characters session.other "zoë"']);
  });

  test('that are personal are in no message, and in no event', async () => {
    const schema = defineAttributionSchema({ version: 1, keys: [
      { name: 'user', description: 'Person.', personal: true, pattern: '[a-z]+@example[.]com' },
      { name: 'mail', description: 'Person.', personal: true, allowedValues: ['a@example.com'] },
    ] });
    const events: TenantEvent[] = [];
    const tenants = new TenantCredentials(schema, {
      client: gateway.sts(), roleArn: ROLE, sessionKeys: ['user', 'mail'], personalHashKey: HASH_KEY, tenantsInEvents: true, onEvent: event => events.push(event),
    });
    const failure = (): TenantSession => tenants.forRequest({ user: 'Jane Doe', mail: 'jane' });
    expect(problemsOf(failure)).toEqual(['value session.user "a personal value"', 'value session.mail "a personal value"']);
    expect(failure).not.toThrow(/jane/i);
    await tenants.forRequest({ user: 'jane@example.com', mail: 'a@example.com' }).credentials();
    expect(events[0]).toEqual({ type: 'miss', tenant: { user: expect.stringMatching(/^[0-9a-f]{64}$/), mail: expect.stringMatching(/^[0-9a-f]{64}$/) } });
    expect(JSON.stringify(events)).not.toContain('example.com');
  });
});

test('whatever a claim is, STS refuses no session for it, and metadata keeps it', async () => {
  const tenants = gateway.tenants({
    sessionKeys: ['customer', 'tenant', 'user'], sessionNameKey: 'customer', sourceIdentityKey: 'tenant', personalHashKey: HASH_KEY,
  });
  const client = gateway.bedrock(tenants.credentials);
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(...Array.from('aZ0_+=,.@-:/ é#')) , minLength: 0, maxLength: 8 }),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.stringMatching(/^[a-zA-Z0-9_.@-]{1,70}$/),
  );
  let accepted = 0;
  await fc.assert(fc.asyncProperty(text, text, text, async (customer, tenant, user) => {
    let session: TenantSession;
    try {
      session = tenants.forRequest({ customer, tenant, user });
    } catch (error) {
      expect(AttributionError.is(error)).toBe(true);
      return;
    }
    accepted++;
    await session.run(() => client.send(converse()));
    const request = gateway.called.at(-1);
    expect(gateway.signer(request)).toMatchObject({ sessionName: customer, sourceIdentity: tenant, tags: { customer, Tenant: tenant } });
    expect(request?.requestMetadata).toMatchObject({ tenant, user: gateway.signer(request)?.tags.user });
  }), { numRuns: 600 });
  expect(accepted).toBeGreaterThan(10);
});

describe('events', () => {
  test('name no tenant unless they are asked to', async () => {
    await gateway.tenants().session({ tenant: 'one' }).credentials();
    expect(JSON.stringify(gateway.events)).not.toContain('one');
    gateway.events = [];
    await gateway.tenants({ tenantsInEvents: true }).session({ tenant: 'one' }).credentials();
    expect(gateway.events).toEqual([
      { type: 'miss', tenant: { tenant: 'one' } },
      { type: 'assumed', durationMs: 0, attempts: 1, tenant: { tenant: 'one' } },
    ]);
  });

  test('tell how long STS took', async () => {
    const sts = gateway.sts();
    const client: TenantCredentialsOptions['client'] = {
      send: command => {
        gateway.clock.forward(0.25);
        return sts.send(command);
      },
    };
    await gateway.tenants({ client }).session({ tenant: 'one' }).credentials();
    expect(gateway.events.at(-1)).toMatchObject({ type: 'assumed', durationMs: 250 });
  });

  test('break no call when they cannot be counted', async () => {
    const onEvent = (): void => {
      throw new Error('no metrics');
    };
    const { credentials } = gateway.tenants({ onEvent }).session({ tenant: 'one' });
    await expect(credentials()).resolves.toBeDefined();
    gateway.clock.forward(3000);
    await expect(credentials()).resolves.toBeDefined();
    await gateway.idle();
  });
});

describe('a schema that changes', () => {
  const version = (pattern: string, carriers: ('sessionTag' | 'requestMetadata')[] = ['sessionTag']): AttributionSchema =>
    defineAttributionSchema({ version: 1, keys: [{ name: 'tenant', description: 'Tenant.', pattern, carriers }] }).current;

  function changing(): { schema: { current: AttributionSchema }; tenants: TenantCredentials; events: TenantEvent[] } {
    const schema: { current: AttributionSchema } & SchemaSource = { current: version('one') };
    const events: TenantEvent[] = [];
    const tenants = new TenantCredentials(schema, { client: gateway.sts(), roleArn: ROLE, sessionKeys: ['tenant'], onEvent: event => events.push(event) });
    return { schema, tenants, events };
  }

  test('holds for the next request', () => {
    const { schema, tenants } = changing();
    expect(problemsOf(() => tenants.session({ tenant: 'two' }))).toHaveLength(1);
    schema.current = version('one|two');
    expect(tenants.session({ tenant: 'two' }).values).toEqual({ tenant: 'two' });
  });

  test('has sessions go on with the keys that they started with', () => {
    const keys = [{ name: 'tenant', description: 'Tenant.', required: true }];
    const schema: { current: AttributionSchema } & SchemaSource = { current: defineAttributionSchema({ version: 1, keys }).current };
    const tenants = new TenantCredentials(schema, { client: gateway.sts(), roleArn: ROLE });
    schema.current = defineAttributionSchema({ version: 2, keys: [...keys, { name: 'department', description: 'Department.', required: true }] }).current;
    expect(tenants.session({ tenant: 'one' }).values).toEqual({ tenant: 'one' });
  });

  test('is told once when it does not fit, and the former one holds', () => {
    const { schema, tenants, events } = changing();
    schema.current = version('two', ['requestMetadata']);
    for (let request = 0; request < 3; request++) expect(tenants.session({ tenant: 'one' }).values).toEqual({ tenant: 'one' });
    expect(events).toMatchObject([{ type: 'schema-refused', problems: [{ code: 'carrier', path: 'sessionKeys' }] }]);
  });
});

test('types know the keys and their values', () => {
  const tenants = gateway.tenants({ sessionKeys: ['tenant', 'plan'] });
  expect(tenants.session({ tenant: 'one', plan: 'paid' }).values).toEqual({ tenant: 'one', plan: 'paid' });
  // @ts-expect-error -- a key that the schema does not have
  expect(problemsOf(() => tenants.session({ tenant: 'one', plan: 'paid', nobody: 'x' }))).toHaveLength(1);
  // @ts-expect-error -- a value that the key does not allow
  expect(problemsOf(() => tenants.session({ tenant: 'one', plan: 'gold' }))).toHaveLength(1);
  // @ts-expect-error -- a key that the schema does not have
  expect(() => new TenantCredentials(SCHEMA, { client: gateway.sts(), roleArn: ROLE, sessionKeys: ['nobody'] })).toThrow();
});
