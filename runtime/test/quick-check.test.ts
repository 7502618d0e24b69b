import * as fc from 'fast-check';
import { AttributionSchema } from '../../lib/schema';
import { callMetadata, type Rules, type Values } from '../src/call-metadata';
import { QuickCheck } from '../src/quick-check';

const schema = AttributionSchema.fromJson(JSON.stringify({
  version: 1,
  keys: [
    { name: 'team', description: 'Team.', required: true },
    { name: 'tenant', description: 'Tenant.', required: true },
    { name: 'feature', description: 'Feature.' },
    { name: 'channel', description: 'Channel.', allowedValues: ['web', 'batch'] },
    { name: 'ticket', description: 'Ticket.', pattern: '[A-Z]+-[0-9]+' },
    { name: 'person', description: 'Person.', personal: true },
    { name: 'cost_center', description: 'Cost centre.', carriers: ['resourceTag'] },
  ],
}));
const rules: Rules = { schema, hashKey: 'x'.repeat(32), day: '2027-01-01' };
const base = { team: 'payments' };
const check = new QuickCheck(rules, base);

const name = fc.constantFrom('team', 'tenant', 'feature', 'channel', 'ticket', 'person', 'cost_center', 'unknown', '__proto__', 'constructor');
const value = fc.oneof(
  fc.constantFrom('web', 'batch', 'AB-1', 'acme', '', 'a|b', 'ä', 'line\nfeed', 'a'.repeat(256), 'a'.repeat(257), '\n'.repeat(256)),
  fc.string({ unit: 'binary' }),
);
const values = fc.array(fc.tuple(name, value), { maxLength: 3 }).map(pairs => Object.fromEntries(pairs));

test('nothing is accepted that the full check has anything to say about', () => {
  let accepted = 0;
  fc.assert(fc.property(fc.oneof(values, fc.constant({ tenant: 'acme' })), values, (pinned: Values, own: Values) => {
    if (!check.accepts(pinned, own)) return;
    accepted++;
    const { metadata, problems } = callMetadata(rules, base, { pinned, values: own }, 'throw');
    expect(problems).toEqual([]);
    expect(JSON.stringify(metadata)).toBe(JSON.stringify({ ...base, ...pinned, ...own }));
  }), { numRuns: 5000 });
  expect(accepted).toBeGreaterThan(100);
});

test.each<[string, Values, Values]>([
  ['a value of the call', {}, { tenant: 'acme' }],
  ['a pinned value', { tenant: 'acme' }, { feature: 'receipts' }],
  ['a value that is allowed, and one that is in the pattern', {}, { tenant: 'acme', channel: 'web', ticket: 'AB-1' }],
  ['the longest value', {}, { tenant: 'a'.repeat(256) }],
])('accepts %s', (_, pinned, own) => {
  expect(check.accepts(pinned, own)).toBe(true);
});

test.each<[string, Values, Values]>([
  ['a required key that is missing', {}, { feature: 'receipts' }],
  ['a value that is too long', {}, { tenant: 'a'.repeat(257) }],
  ['a character that the service refuses', {}, { tenant: 'a|b' }],
  ['an empty value', {}, { tenant: '' }],
  ['a value that is not allowed', {}, { tenant: 'acme', channel: 'fax' }],
  ['a value outside of the pattern', {}, { tenant: 'acme', ticket: 'x' }],
  ['a personal value, which is to be hashed', {}, { tenant: 'acme', person: 'ann' }],
  ['an unknown key', {}, { tenant: 'acme', colour: 'red' }],
  ['a key that does not ride on metadata', {}, { tenant: 'acme', cost_center: '4711' }],
  ['a key of the client', {}, { tenant: 'acme', team: 'payments' }],
  ['a pinned key', { tenant: 'acme' }, { tenant: 'acme' }],
])('leaves %s to the full check', (_, pinned, own) => {
  expect(check.accepts(pinned, own)).toBe(false);
});

test('leaves more pairs than there may be, and values that may not fit into the header, to the full check', () => {
  const names = Array.from({ length: 16 }, (_, index) => `key_${index}`);
  const wide = AttributionSchema.fromJson(JSON.stringify({ version: 1, keys: names.map(each => ({ name: each, description: 'Key.' })) }));
  const pairs = (text: string): Values => Object.fromEntries(names.map(each => [each, text]));
  const acceptsAll = (pinned: Values, text: string): boolean => new QuickCheck({ ...rules, schema: wide }, {}).accepts(pinned, pairs(text));
  expect(acceptsAll({}, 'a')).toBe(true);
  expect(acceptsAll({ seventeenth: 'a' }, 'a')).toBe(false);
  expect(acceptsAll({}, '\n'.repeat(256))).toBe(false);
});
