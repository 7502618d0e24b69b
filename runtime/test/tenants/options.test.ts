import { AttributionError, defineAttributionSchema, type SchemaDefinition, type SchemaSource } from '../../src';
import { TenantCredentials, type TenantCredentialsOptions } from '../../src/tenants';
import { ROLE, SCHEMA } from './gateway';

const client: TenantCredentialsOptions['client'] = { send: () => Promise.reject(new Error('nothing is asked at start')) };

/** Options as plain JavaScript gives them. */
function made(options: Record<string, unknown>, schema: SchemaSource = SCHEMA): TenantCredentials {
  return new TenantCredentials(schema, { client, roleArn: ROLE, sessionKeys: ['tenant'], ...options });
}

function problemsOf(options: Record<string, unknown>, schema?: SchemaSource): string[] {
  try {
    made(options, schema);
    return [];
  } catch (error) {
    if (!AttributionError.is(error)) throw error;
    expect(error.code).toBe('InvalidConfiguration');
    return error.problems.map(({ code, path, got }) => `${code} ${path} ${got}`);
  }
}

test.each([
  ['the least duration', { durationSeconds: 900 }],
  ['the most', { durationSeconds: 43_200 }],
  ['one session', { maxSessions: 1 }],
  ['a million', { maxSessions: 1_000_000 }],
  ['the shortest time ahead', { refreshAheadSeconds: 120 }],
  ['the longest', { refreshAheadSeconds: 1800 }],
  ['no negative caching', { negativeSeconds: 0 }],
  ['an hour of it', { negativeSeconds: 3600 }],
  ['the shortest external id', { externalId: 'ab' }],
  ['the longest', { externalId: 'x'.repeat(1224) }],
  ['characters of external ids', { externalId: 'aZ0_+=,.@:/-' }],
  ['a role of another partition', { roleArn: 'arn:aws-us-gov:iam::111122223333:role/a/b/Tenant' }],
  ['a personal key with a secret', { sessionKeys: ['user'], personalHashKey: 'k'.repeat(32) }],
  ['a pinned key of high cardinality, with a claim', { pinnedKeys: ['request_id'], claims: { request_id: 'jti' } }],
  ['a function for a claim', { claims: { tenant: () => 'one' } }],
])('takes %s', (_, options) => {
  expect(problemsOf(options)).toEqual([]);
});

test.each([
  ['no ARN', { roleArn: 'Tenant' }, ['roleArn roleArn "Tenant"']],
  ['the ARN of a user', { roleArn: 'arn:aws:iam::111122223333:user/a' }, ['roleArn roleArn "arn:aws:iam::111122223333:user/a"']],
  ['a short external id', { externalId: 'a' }, ['externalId externalId "a"']],
  ['a long external id', { externalId: 'x'.repeat(1225) }, [expect.stringContaining('externalId externalId')]],
  ['an external id with a space', { externalId: 'a b' }, ['externalId externalId "a b"']],
  ['a short duration', { durationSeconds: 899 }, ['durationSeconds durationSeconds 899']],
  ['a long duration', { durationSeconds: 43_201 }, ['durationSeconds durationSeconds 43201']],
  ['half a second', { durationSeconds: 900.5 }, ['durationSeconds durationSeconds 900.5']],
  ['no number', { durationSeconds: NaN }, ['durationSeconds durationSeconds null']],
  ['no sessions', { maxSessions: 0 }, ['maxSessions maxSessions 0']],
  ['too many sessions', { maxSessions: 1_000_001 }, ['maxSessions maxSessions 1000001']],
  ['too little time ahead', { refreshAheadSeconds: 119 }, ['refreshAheadSeconds refreshAheadSeconds 119']],
  ['too much time ahead', { refreshAheadSeconds: 1801 }, ['refreshAheadSeconds refreshAheadSeconds 1801']],
  ['negative time', { negativeSeconds: -1 }, ['negativeSeconds negativeSeconds -1']],
  ['a refusal for more than an hour', { negativeSeconds: 3601 }, ['negativeSeconds negativeSeconds 3601']],
  ['a short secret', { personalHashKey: 'secret' }, ['personalHashKey personalHashKey "a secret of 6 bytes"']],
  ['a personal key without a secret', { sessionKeys: ['user'] }, ['personalHashKey sessionKeys "user"']],
  ['no session keys', { sessionKeys: [] }, ['sessionKeys sessionKeys []']],
  ['a key twice', { sessionKeys: ['tenant', 'tenant'] }, ['duplicateKey sessionKeys "tenant"']],
  ['an unknown key', { sessionKeys: ['tenant', 'tennant'] }, ['unknownKey sessionKeys "tennant"']],
  ['a key of high cardinality', { sessionKeys: ['tenant', 'request_id'] }, ['carrier sessionKeys "request_id"']],
  ['a deprecated key', { sessionKeys: ['tenant', 'client'] }, ['deprecatedKey sessionKeys "client"']],
  ['a key that is a tag of the role', { sessionKeys: ['tenant'], attribution: { tenant: 'all' } }, ['duplicateKey sessionKeys "tenant"']],
  ['a pinned key that the sessions have', { pinnedKeys: ['tenant'] }, ['duplicateKey pinnedKeys "tenant"']],
  ['a pinned key that all tenants have in common', { pinnedKeys: ['feature'], attribution: { feature: 'all' } }, ['duplicateKey pinnedKeys "feature"']],
  ['a pinned key twice', { pinnedKeys: ['feature', 'feature'] }, ['duplicateKey pinnedKeys "feature"']],
  ['an unknown pinned key', { pinnedKeys: ['nobody'] }, ['unknownKey pinnedKeys "nobody"']],
  ['a deprecated pinned key', { pinnedKeys: ['client'] }, ['deprecatedKey pinnedKeys "client"']],
  ['a pinned key that is not in metadata', { pinnedKeys: ['plan'] }, ['carrier pinnedKeys "plan"']],
  ['a personal pinned key without a secret', { pinnedKeys: ['user'] }, ['personalHashKey pinnedKeys "user"']],
  ['an unknown key of the role', { attribution: { tennant: 'all' } }, ['unknownKey attribution "tennant"']],
  ['a name of sessions that is none of theirs', { sessionNameKey: 'plan' }, ['notTenantKey sessionNameKey "plan"']],
  ['a source identity that is none of theirs', { sourceIdentityKey: 'plan' }, ['notTenantKey sourceIdentityKey "plan"']],
  ['a transitive key that is none of theirs', { transitiveKeys: ['tenant', 'plan'] }, ['notTenantKey transitiveKeys "plan"']],
  ['a claim of no session key', { claims: { plan: 'plan' } }, ['notTenantKey claims "plan"']],
])('fails with %s', (_, options, problems) => {
  expect(problemsOf(options)).toEqual(problems);
});

test('fails with all that is wrong at once', () => {
  expect(problemsOf({ roleArn: '', durationSeconds: 1, negativeSeconds: 1.5, sessionKeys: ['nobody'], transitiveKeys: ['plan'] })).toHaveLength(5);
});

test('a duration of more than an hour comes with a hint at chains of roles', () => {
  expect(() => made({ durationSeconds: 50_000 })).toThrow('a role that starts sessions of another role can have them for 3600 at most');
});

test('a schema without keys for sessions has no tenants', () => {
  const schema = defineAttributionSchema({ version: 1, keys: [{ name: 'request_id', description: 'Request.', cardinality: 'high' }] });
  expect(problemsOf({ sessionKeys: undefined }, schema)).toEqual(['sessionKeys sessionKeys []']);
});

describe('the keys of a session', () => {
  const keys: SchemaDefinition['keys'] = [
    { name: 'team', description: 'Team.', required: true },
    { name: 'tenant', description: 'Tenant.', required: true },
    { name: 'later', description: 'Required later.', required: true, requiredFrom: '2026-01-01' },
    { name: 'profile', description: 'Tag of profiles.', required: true, carriers: ['resourceTag'] },
    { name: 'feature', description: 'Feature.' },
  ];

  test('are by default the required ones of session tags that the role does not have, and the first is the name', () => {
    const schema = defineAttributionSchema({ version: 1, keys });
    expect(problemsOf({ sessionKeys: undefined, attribution: { team: 'platform' }, transitiveKeys: ['tenant'] }, schema)).toEqual([]);
    const session = made({ sessionKeys: undefined, attribution: { team: 'platform' } }, schema).session({ tenant: 'one' });
    expect([session.values, session.sessionName]).toEqual([{ tenant: 'one' }, 'one']);
    expect(() => made({ sessionKeys: undefined }, schema).session({ tenant: 'one' })).toThrow('session.team: got nothing');
  });

  test.each(['sessionNameKey', 'sourceIdentityKey'])('fail with a %s of which not all values fit', option => {
    const schema = defineAttributionSchema({ version: 1, keys: [
      { name: 'tenant', description: 'Tenant.' },
      { name: 'plan', description: 'Plan.', allowedValues: ['free', 'x', 'two words'] },
    ] });
    expect(problemsOf({ sessionKeys: ['tenant', 'plan'], [option]: 'plan' }, schema)).toEqual([`length ${option} plan "x"`, `characters ${option} plan "two words"`]);
  });
});
