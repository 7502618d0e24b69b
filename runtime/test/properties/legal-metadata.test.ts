import * as fc from 'fast-check';
import { Carrier } from '../../../lib/schema';
import { Attribution, type SchemaSource, type Stamp } from '../../src';
import { anyCall, anyText, anyValues, BASE, HASH_KEY, KEY_NAMES, legalText, POLICIES, schema, WIDE_NAMES, wideSchema } from './arbitraries';
import { stamped } from './stamped';

const SCHEMAS: readonly (readonly [what: string, source: SchemaSource, base: Record<string, string>, names: readonly string[]])[] = [
  ['of keys of each kind', schema, BASE, KEY_NAMES],
  ['of many keys that take any text', wideSchema, { k0: 'base' }, WIDE_NAMES],
  ['of many keys, none of them the client’s', wideSchema, {}, WIDE_NAMES],
];
const EACH = POLICIES.flatMap(onInvalid => SCHEMAS.map(([what, ...rest]) => [onInvalid, what, ...rest] as const));

/** The rules of the service, in words of their own: not those that the code under test is made of. */
function expectLegal({ metadata, header }: Stamp): void {
  expect(header === undefined).toBe(metadata === undefined);
  if (metadata === undefined || header === undefined) return;
  const pairs = Object.entries(metadata);
  expect(pairs.length).toBeGreaterThanOrEqual(1);
  expect(pairs.length).toBeLessThanOrEqual(16);
  for (const [key, value] of pairs) {
    expect(key).toMatch(/^[a-zA-Z0-9\t\n\v\f\r :_@$#=/+,.-]{1,256}$/);
    expect(value).toMatch(/^[a-zA-Z0-9\t\n\v\f\r :_@$#=/+,.-]{0,256}$/);
  }
  expect(header).toMatch(/^[ -~]+$/);
  expect(header.length).toBeLessThanOrEqual(8500);
  expect(Object.entries(JSON.parse(header) as object)).toEqual(pairs);
}

describe.each(EACH)('under %s, with a schema %s', (onInvalid, _, source, base, names) => {
  const calls = new Attribution(source, base, { onInvalid, personalHashKey: HASH_KEY, onWarning: () => undefined });

  test('no call carries an illegal header or map, or a key that the schema does not know', () => {
    fc.assert(fc.property(anyCall(names), call => {
      const { stamp = {} } = stamped(calls, call);
      expectLegal(stamp);
      for (const name of Object.keys(stamp.metadata ?? {})) expect(source.current.key(name)?.ridesOn(Carrier.REQUEST_METADATA)).toBe(true);
    }));
  });

  test('every call that is made carries the values of the client', () => {
    fc.assert(fc.property(anyCall(names), call => {
      const { stamp, error } = stamped(calls, { ...call, pinned: {} });
      if (error === undefined) expect(stamp?.metadata ?? {}).toMatchObject(base);
    }));
  });

  test('every call that is made carries the pinned values', () => {
    const pinned: Record<string, string> = source === schema ? { tenant: 'acme' } : { k15: 'acme' };
    fc.assert(fc.property(anyCall(names), call => {
      const { stamp, error } = stamped(calls, { ...call, pinned });
      if (error === undefined) expect(stamp?.metadata).toMatchObject({ ...base, ...pinned });
    }));
  });

  test(onInvalid === 'throw' ? 'a call is refused when something is wrong, and only then' : 'no call fails', () => {
    const warnings: unknown[] = [];
    const listening = new Attribution(source, base, {
      onInvalid: onInvalid === 'throw' ? 'drop-and-warn' : onInvalid, personalHashKey: HASH_KEY, onWarning: problem => warnings.push(problem),
    });
    fc.assert(fc.property(anyCall(names), call => {
      warnings.length = 0;
      expect(stamped(listening, call).error).toBeUndefined();
      if (onInvalid === 'throw') expect(stamped(calls, call).error?.problems ?? []).toEqual(warnings);
    }));
  });

  test('a call of which nothing is wrong carries everything as it was given', () => {
    const free = source === schema ? ['tenant', 'feature', 'request_id'] : ['k3', 'k7', 'k11'];
    fc.assert(fc.property(fc.array(fc.dictionary(fc.constantFrom(...free), legalText), { maxLength: 3 }), contexts => {
      const { stamp } = stamped(calls, { contexts, pinned: {}, callerMetadata: undefined });
      const expected = { ...base, ...Object.assign({}, ...contexts) as object };
      expect(stamp?.metadata ?? {}).toEqual(expected);
    }));
  });
});

describe.each(POLICIES)('under %s', onInvalid => {
  test.each([
    ['the client', BASE, {}, 'payments'],
    ['the client by a deprecated name', { squad: 'pay', service: 'checkout' }, {}, 'pay'],
    ['the session of a tenant', { service: 'checkout' }, { team: 'search' }, 'search'],
  ] as const)('views find the value of %s, whatever a call says by whatever name', (_, base, pinned, team) => {
    const calls = new Attribution(schema, base, { onInvalid, perCall: 'team' in pinned ? ['team'] : [], onWarning: () => undefined });
    const [{ metadataKeys }] = schema.current.columns();
    expect(metadataKeys).toEqual(['team', 'squad']);
    fc.assert(fc.property(anyCall(KEY_NAMES), call => {
      const { stamp, error } = stamped(calls, { ...call, pinned });
      if (error === undefined) expect(metadataKeys.flatMap(name => stamp?.metadata?.[name] ?? [])[0]).toBe(team);
    }));
  });
});

test('values of a client are legal, or refused at start', () => {
  fc.assert(fc.property(anyValues(KEY_NAMES), anyText, (values, service) => {
    let calls;
    try {
      calls = new Attribution(schema, { ...BASE, ...values, service }, { personalHashKey: HASH_KEY });
    } catch (error) {
      expect(error).toMatchObject({ name: 'AttributionError', code: 'InvalidConfiguration' });
      return;
    }
    expectLegal(calls.stamp());
  }));
});

test('a text is not changed by being mended twice', () => {
  const calls = new Attribution(wideSchema, {}, { onInvalid: 'sanitise-and-warn', onWarning: () => undefined });
  fc.assert(fc.property(anyText, text => {
    const once = stamped(calls, { contexts: [{ k1: text }], pinned: {}, callerMetadata: undefined }).stamp?.metadata?.k1;
    const twice = stamped(calls, { contexts: [{ k1: once! }], pinned: {}, callerMetadata: undefined }).stamp?.metadata?.k1;
    expect(typeof once).toBe('string');
    expect(twice).toBe(once);
  }));
});
