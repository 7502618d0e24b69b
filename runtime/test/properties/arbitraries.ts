import * as fc from 'fast-check';
import { type AttributionOptions, defineAttributionSchema } from '../../src';

/** A schema that has a key of each kind. */
export const schema = defineAttributionSchema({
  version: 3,
  keys: [
    { name: 'team', description: 'Team.', required: true, allowedValues: ['payments', 'search'] },
    { name: 'service', description: 'Service.', required: true },
    { name: 'tenant', description: 'Tenant.' },
    { name: 'feature', description: 'Feature.' },
    { name: 'channel', description: 'Channel.', allowedValues: ['web', 'batch'] },
    { name: 'ticket', description: 'Ticket.', pattern: '[A-Z]+-[0-9]+' },
    { name: 'request_id', description: 'Request.', cardinality: 'high' },
    { name: 'user_hash', description: 'Caller.', personal: true },
    { name: 'grade', description: 'Grade of the caller.', personal: true, allowedValues: ['junior', 'senior'] },
    { name: 'squad', description: 'Former team.', deprecatedInFavourOf: 'team' },
    { name: 'cost_center', description: 'Cost centre.', carriers: ['resourceTag'] },
  ],
});
export const KEY_NAMES = schema.current.keys.map(({ name }) => name);
export const BASE = { team: 'payments', service: 'checkout' } as const;
export const HASH_KEY = '0123456789abcdef0123456789abcdef';
export const POLICIES = ['drop-and-warn', 'sanitise-and-warn', 'throw'] as const satisfies AttributionOptions['onInvalid'][];

/** Sixteen keys that take any text, and one more that is deprecated. */
export const wideSchema = defineAttributionSchema({
  version: 1,
  keys: [
    ...Array.from({ length: 16 }, (_, index) => ({ name: `k${index}`, description: 'One of sixteen.' })),
    { name: 'old', description: 'Former k0.', deprecatedInFavourOf: 'k0' },
  ],
});
export const WIDE_NAMES = wideSchema.current.keys.map(({ name }) => name);

/** Any text that JavaScript can hold, halves of characters too. */
export const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xFFFF }), { maxLength: 300 }).map(units => String.fromCharCode(...units)),
  fc.string({ unit: fc.constantFrom('\t', '\n', '\v', '\f', '\r', ' ', 'x'), maxLength: 300 }),
  fc.constantFrom('', 'payments', 'web', 'OPS-1', 'junior', '__proto__', 'x\r\nX-Injected: 1', 'x'.repeat(256), 'x'.repeat(257)),
);

/** A text that request metadata takes as it is. */
export const legalText = fc.stringMatching(/^[a-zA-Z0-9 :_@$#=/+,.-]{1,64}$/);

const anyKey = (names: readonly string[]): fc.Arbitrary<string> => fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...names) }, anyText);

/** Values under any keys, those of a schema above all. */
export function anyValues(names: readonly string[]): fc.Arbitrary<Record<string, string>> {
  const some = fc.array(fc.tuple(anyKey(names), anyText), { maxLength: 24 }).map(pairs => Object.fromEntries(pairs));
  return fc.oneof({ weight: 4, arbitrary: some }, { weight: 1, arbitrary: tooMuch(names) });
}

/** A value under each key, all of them legal: more pairs than there may be, or a longer header. */
function tooMuch(names: readonly string[]): fc.Arbitrary<Record<string, string>> {
  const text = fc.constantFrom('', 'x', '\v'.repeat(256), '\v'.repeat(100));
  return fc.tuple(...names.map(name => text.map(value => [name, value] as const))).map(pairs => Object.fromEntries(pairs));
}

/** What a call site may send: a map, the text of one, any text, anything at all. */
export function anyCallerMetadata(names: readonly string[]): fc.Arbitrary<unknown> {
  const values = anyValues(names);
  return fc.oneof(fc.constant(undefined), values, values.map(map => JSON.stringify(map)), anyText, fc.json(), fc.anything());
}

/** All that may come with a call. */
export interface AnyCall {
  readonly contexts: Record<string, string>[];
  readonly pinned: Record<string, string>;
  readonly command?: Record<string, string>;
  readonly callerMetadata: unknown;
}

export function anyCall(names: readonly string[]): fc.Arbitrary<AnyCall> {
  return fc.record({
    contexts: fc.array(anyValues(names), { maxLength: 3 }),
    pinned: fc.oneof(fc.constant({}), anyValues(names)),
    command: fc.option(anyValues(names), { nil: undefined }),
    callerMetadata: anyCallerMetadata(names),
  });
}
