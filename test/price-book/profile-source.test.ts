import { type ListedProfile, profileSource } from '../../lib/price-book/profile-source';

const MODEL = 'anthropic.claude-sonnet-4-20250514-v1:0';

const leg = (region: string, model = MODEL): string => `arn:aws:bedrock:${region}::foundation-model/${model}`;

function profile(...modelArns: (string | undefined)[]): ListedProfile {
  return { inferenceProfileId: 'abc123def456', type: 'APPLICATION', models: modelArns.map(modelArn => ({ modelArn })) };
}

function system(inferenceProfileId: string, ...regions: string[]): ListedProfile {
  return { inferenceProfileId, type: 'SYSTEM_DEFINED', models: regions.map(region => ({ modelArn: leg(region) })) };
}

const EU = system(`eu.${MODEL}`, 'eu-central-1', 'eu-west-1', 'eu-north-1');
const GLOBAL = system(`global.${MODEL}`, '', 'eu-west-1');

test('a profile of one Region stands for its model', () => {
  expect(profileSource(profile(leg('eu-west-1')), [EU, GLOBAL])).toBe(MODEL);
});

test.each([
  ['beside one with a Region', ['', 'eu-west-1']],
  ['behind one with a Region', ['eu-west-1', '']],
  ['alone', ['']],
])('a leg without a Region marks a global profile: %s', (_case, regions) => {
  expect(profileSource(profile(...regions.map(region => leg(region))), [EU, GLOBAL])).toBe(`global.${MODEL}`);
});

test('a profile over several Regions stands for the system-defined one that leads to the same', () => {
  expect(profileSource(profile(leg('eu-north-1'), leg('eu-west-1'), leg('eu-central-1')), [GLOBAL, EU])).toBe(`eu.${MODEL}`);
});

test('a profile over several Regions stands for the system-defined one that has more Regions by now', () => {
  expect(profileSource(profile(leg('eu-west-1'), leg('eu-central-1')), [GLOBAL, EU])).toBe(`eu.${MODEL}`);
});

test('of several system-defined profiles, the one with exactly the same Regions counts', () => {
  const wider = system(`apac.${MODEL}`, 'eu-central-1', 'eu-west-1', 'eu-north-1', 'ap-northeast-1');
  expect(profileSource(profile(leg('eu-central-1'), leg('eu-west-1'), leg('eu-north-1')), [wider, EU])).toBe(`eu.${MODEL}`);
});

test.each([
  ['no system-defined profile is known', []],
  ['the only one is global', [GLOBAL]],
  ['the only one leads to fewer Regions', [system(`eu.${MODEL}`, 'eu-west-1')]],
  ['two could be meant', [EU, system(`apac.${MODEL}`, 'eu-central-1', 'eu-west-1', 'ap-northeast-1')]],
])('a profile over several Regions stands for its model alone when %s', (_case, known) => {
  expect(profileSource(profile(leg('eu-west-1'), leg('eu-central-1')), known)).toBe(MODEL);
});

test('another model in the same Regions is not taken for it', () => {
  const other = { ...EU, models: EU.models!.map(({ modelArn }) => ({ modelArn: modelArn!.replace(MODEL, 'amazon.nova-lite-v1:0') })) };
  expect(profileSource(profile(leg('eu-west-1'), leg('eu-central-1')), [other])).toBe(MODEL);
});

test('a system-defined profile stands for itself, with its way', () => {
  expect(profileSource(EU)).toBe(`eu.${MODEL}`);
});

test.each([
  ['has no models', profile()],
  ['has no list of models', {}],
  ['has models without ARN', profile(undefined)],
])('nothing is said of a profile that %s', (_case, given) => {
  expect(profileSource(given, [EU])).toBeUndefined();
});
