import { CfnParameter, Stack } from 'aws-cdk-lib';
import { AttributionRequirement } from '../../lib/access';
import { controlProblems, enforcedKeys, requiredOnCaller, resolveControls } from '../../lib/access/resolve-controls';
import { Assurance, AttributionKey, type AttributionKeyProps, AttributionSchema, Carrier } from '../../lib/schema';
import { type Control, CONTROLS, only, SCHEMA } from './support/policies';

const { PRINCIPAL_TAG, PROFILE, BOTH } = AttributionRequirement;

/** Controls that only matter where calls must run through profiles. */
const ROADS: Control[] = ['denyDefaultProjects', 'denyPromptRouters', 'denyCustomModels'];

describe('defaults', () => {
  test.each<[AttributionRequirement | undefined, Control[], boolean, boolean]>([
    [undefined, ROADS, true, false],
    [PRINCIPAL_TAG, ROADS, true, false],
    [PROFILE, ['denyUntaggedCallers', 'denyForeignProfiles'], false, true],
    [BOTH, [], true, true],
  ])('with require %p, all is denied but %j', (require, off, tagged, throughProfiles) => {
    const resolved = resolveControls(SCHEMA, { require });
    expect(CONTROLS.filter(control => !resolved[control])).toEqual(CONTROLS.filter(control => off.includes(control)));
    expect([resolved.checkCallerValues, resolved.requireProfile]).toEqual([tagged, throughProfiles]);
  });

  test('nobody is exempt, and any application profile will do', () => {
    expect(resolveControls(SCHEMA, {})).toMatchObject({ provisioners: [], approvedSessionRoles: [], inferenceProfileArns: [] });
  });

  test.each(Object.values(AttributionRequirement))('what is given wins, with require %s', require => {
    expect(resolveControls(SCHEMA, { require, ...only([]) })).toMatchObject({ ...only([]), checkCallerValues: false });
    expect(resolveControls(SCHEMA, { require, ...only(CONTROLS) })).toMatchObject({ ...only(CONTROLS), checkCallerValues: true });
  });
});

describe('keys', () => {
  const { ENFORCED } = Assurance;
  const { PRINCIPAL_TAG: ON_PRINCIPAL, SESSION_TAG: ON_SESSION, RESOURCE_TAG: ON_RESOURCE, REQUEST_METADATA: ON_REQUEST } = Carrier;

  test.each<[string, Partial<AttributionKeyProps>, boolean, boolean]>([
    ['required and enforced, on all carriers', { required: true, assurance: ENFORCED }, true, true],
    ['required and declared', { required: true }, true, false],
    ['enforced and optional', { assurance: ENFORCED }, false, false],
    ['required later', { required: true, requiredFrom: '2030-01-01', assurance: ENFORCED }, false, false],
    ['on sessions and resources', { required: true, assurance: ENFORCED, carriers: [ON_SESSION, ON_RESOURCE] }, true, true],
    ['on principals only', { required: true, assurance: ENFORCED, carriers: [ON_PRINCIPAL] }, true, false],
    ['on resources only', { required: true, assurance: ENFORCED, carriers: [ON_RESOURCE] }, false, false],
    ['in request metadata only', { required: true, assurance: ENFORCED, carriers: [ON_REQUEST] }, false, false],
  ])('%s: required of callers, and compared', (_, props, required, compared) => {
    const schema = new AttributionSchema({ version: 1, keys: [AttributionKey.of('k', { description: 'A key.', ...props })] });
    expect([requiredOnCaller(schema).length, enforcedKeys(schema).length, resolveControls(schema, {}).comparedKeys.length])
      .toEqual([Number(required), Number(compared), Number(compared)]);
  });

  test('that are compared are those that are named, in the order of the names', () => {
    expect(resolveControls(SCHEMA, { comparedKeys: ['env', 'cost_center'] }).comparedKeys.map(({ name }) => name)).toEqual(['env', 'cost_center']);
    expect(resolveControls(SCHEMA, { comparedKeys: [] }).comparedKeys).toEqual([]);
  });

  test('that are deprecated are not compared', () => {
    const schema = new AttributionSchema({
      version: 2, keys: [AttributionKey.TEAM, AttributionKey.of('squad', { description: 'Who paid.', deprecatedInFavourOf: 'team' })],
    });
    expect(controlProblems(schema, { comparedKeys: ['squad'] })).toEqual([expect.stringMatching(/comparedKeys has "squad", which is no key in use .*: use team, or/)]);
  });
});

test('a schema without required keys is wrong only where the tags of callers are required', () => {
  const schema = new AttributionSchema({ version: 1, keys: [AttributionKey.FEATURE] });
  expect(controlProblems(schema, {})).toHaveLength(1);
  expect(controlProblems(schema, { require: BOTH })).toHaveLength(1);
  expect(controlProblems(schema, { require: PROFILE })).toEqual([]);
  expect(controlProblems(schema, { denyUntaggedCallers: false })).toEqual([]);
});

test('profiles are named where they are required', () => {
  const inferenceProfileArns = ['arn:*:bedrock:*:*:application-inference-profile/*', 'arn:*:bedrock:*:*:inference-profile/eu.*'];
  expect(controlProblems(SCHEMA, { require: PROFILE, inferenceProfileArns })).toEqual([]);
  expect(controlProblems(SCHEMA, { require: BOTH, inferenceProfileArns })).toEqual([]);
  expect(controlProblems(SCHEMA, { inferenceProfileArns })).toHaveLength(1);
});

test('lists that are known at deployment only pass', () => {
  const list = new CfnParameter(new Stack(), 'List', { type: 'CommaDelimitedList' }).valueAsList;
  const controls = { require: BOTH, provisioners: list, approvedSessionRoles: list, inferenceProfileArns: list };
  expect(controlProblems(SCHEMA, controls)).toEqual([]);
});

test('fails where a key has a spelling of its own on sessions', () => {
  const schema = new AttributionSchema({
    version: 1,
    keys: [AttributionKey.of('team', { description: 'Who pays.', required: true, spellings: { principalTag: 'Team', sessionTag: 'SessionTeam' } })],
  });
  expect(controlProblems(schema, {})).toEqual([expect.stringMatching(/^team is "Team" on roles and "SessionTeam" on sessions, so that no condition fits both: spell it alike/)]);
});
