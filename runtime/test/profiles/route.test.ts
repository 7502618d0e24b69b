import { inferenceProfiles } from '../../src/profiles';
import { profileArn } from './arns';

const NOVA = 'amazon.nova-lite-v1:0';
const PRO = 'amazon.nova-pro-v1:0';
const TITAN = 'amazon.titan-embed-text-v2:0';
const EU = 'eu-west-1';
const US = 'us-east-1';

const copy = (sourceId: string, modelId: string, region = EU): { inferenceProfileArn: string; sourceId: string; modelId: string } => (
  { inferenceProfileArn: profileArn(`${region}${sourceId}`.replace(/[^a-zA-Z0-9]/g, ''), region), sourceId, modelId }
);
const arnOf = (sourceId: string, region = EU): string => copy(sourceId, '', region).inferenceProfileArn;

describe('what is called by an ARN of its own', () => {
  const profiles = inferenceProfiles([copy(NOVA, NOVA)]);

  test.each([
    'arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/abc',
    'arn:aws:bedrock:us-east-1:444455556666:application-inference-profile/of-another-service',
    'arn:aws:bedrock:eu-west-1:111122223333:provisioned-model/abcdefghijkl',
    'arn:aws:bedrock:eu-west-1:111122223333:custom-model/amazon.nova-lite-v1:0:300k/abcdefghijkl',
    'arn:aws:bedrock:eu-west-1:111122223333:custom-model-deployment/abcdefghijkl',
    'arn:aws:bedrock:eu-west-1:111122223333:imported-model/abcdefghijkl',
    'arn:aws:bedrock:eu-west-1:111122223333:prompt/PROMPT12345:1',
    'arn:aws:bedrock:eu-west-1:111122223333:prompt-router/abcdefghijkl',
    'arn:aws:bedrock:eu-west-1:111122223333:default-prompt-router/anthropic.claude:1',
    'arn:aws:bedrock:eu-west-1:111122223333:inference-profile/my-team-profile',
    'arn:aws:sagemaker:eu-west-1:111122223333:endpoint/my.endpoint',
    'my-provisioned-model',
    '',
  ])('goes there unchanged: %s', modelId => {
    expect(profiles.route(modelId, EU)).toEqual({ modelId });
  });
});

describe('the id of a model', () => {
  const all = [copy(`global.${NOVA}`, NOVA), copy(`eu.${NOVA}`, NOVA), copy(NOVA, NOVA), copy(`us.${NOVA}`, NOVA, US), copy(`eu.${PRO}`, PRO)];

  test.each([
    ['first to the copy of the model', all, arnOf(NOVA)],
    ['then to the copy of its geographic profile', all.filter(({ sourceId }) => sourceId !== NOVA), arnOf(`eu.${NOVA}`)],
    ['then to the copy of its global profile', [all[0], all[4]], arnOf(`global.${NOVA}`)],
  ])('leads %s', (_, entries, modelId) => {
    expect(inferenceProfiles(entries).route(NOVA, EU)).toEqual({ modelId });
  });

  test('leads to the profile of the Region in which the call is made', () => {
    expect(inferenceProfiles(all).route(NOVA, US)).toEqual({ modelId: arnOf(`us.${NOVA}`, US) });
  });

  test.each([
    [`arn:aws:bedrock:eu-west-1::foundation-model/${NOVA}`],
    [`arn:aws:bedrock:::foundation-model/${NOVA}`],
    [`arn:aws-us-gov:bedrock:eu-west-1::foundation-model/${NOVA}`],
  ])('may be the end of an ARN: %s', modelId => {
    expect(inferenceProfiles(all).route(modelId, EU)).toEqual({ modelId: arnOf(NOVA) });
  });

  test('may be one of embeddings', () => {
    expect(inferenceProfiles([copy(TITAN, TITAN)]).route(TITAN, EU)).toEqual({ modelId: arnOf(TITAN) });
  });

  test('fails to lead to a system-defined profile when that is not wanted', () => {
    const profiles = inferenceProfiles(all.slice(0, 2), { fallback: 'none' });
    expect(profiles.route(NOVA, EU)).toEqual({ modelId: NOVA, problem: expect.objectContaining({ code: 'bareModel' }) });
    expect(profiles.route(NOVA, EU).problem?.remedy).toMatch(new RegExp(`^name global.${NOVA}, eu.${NOVA} if it may run there`));
  });

  test('fails to choose between two geographies, which only the caller can', () => {
    const { modelId, problem } = inferenceProfiles([copy(`apac.${NOVA}`, NOVA), copy(`jp.${NOVA}`, NOVA)]).route(NOVA, EU);
    expect(modelId).toBe(NOVA);
    expect(problem).toMatchObject({ code: 'ambiguousModel', remedy: 'name the system-defined profile, or call a profile by its ARN' });
    expect(problem?.message).toContain(`apac.${NOVA} in eu-west-1, jp.${NOVA} in eu-west-1`);
  });
});

describe('the id of a system-defined profile', () => {
  const profiles = inferenceProfiles([copy(NOVA, NOVA), copy(`eu.${NOVA}`, NOVA), copy(`us.${NOVA}`, NOVA, US)]);

  test.each([`eu.${NOVA}`, `arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.${NOVA}`])('leads to its own copy: %s', modelId => {
    expect(profiles.route(modelId, EU)).toEqual({ modelId: arnOf(`eu.${NOVA}`) });
  });

  test.each(['us', 'global', 'apac', 'jp'])('never leads to another geography or to the model: %s', geography => {
    const modelId = `${geography}.${NOVA}`;
    const routed = profiles.route(modelId, EU);
    expect(routed).toEqual({ modelId, problem: expect.objectContaining({ code: 'bareModel' }) });
    expect(routed.problem?.remedy).toContain(`name ${NOVA}, eu.${NOVA} if it may run there, which is never chosen for you`);
  });
});

describe('the Region', () => {
  const profiles = inferenceProfiles([copy(NOVA, NOVA), copy(NOVA, NOVA, US), copy(`eu.${PRO}`, PRO)]);

  test('need not be known where only one profile fits', () => {
    expect(profiles.route(PRO)).toEqual({ modelId: arnOf(`eu.${PRO}`) });
  });

  test('may come from an ARN', () => {
    expect(profiles.route(`arn:aws:bedrock:us-east-1::foundation-model/${NOVA}`)).toEqual({ modelId: arnOf(NOVA, US) });
  });

  test('fails when it is not known and profiles of two Regions fit', () => {
    expect(profiles.route(NOVA)).toEqual({
      modelId: NOVA, problem: expect.objectContaining({ code: 'ambiguousModel', remedy: 'give the client a Region, or call a profile by its ARN' }),
    });
  });

  test('fails when an ARN names another one', () => {
    const modelId = `arn:aws:bedrock:us-east-1::foundation-model/${NOVA}`;
    expect(profiles.route(modelId, EU)).toEqual({ modelId, problem: expect.objectContaining({ code: 'otherRegion', got: JSON.stringify(modelId) }) });
  });
});

describe('a refusal', () => {
  test('says why, which profiles there are here, and where else there is one', () => {
    const profiles = inferenceProfiles([copy(`eu.${PRO}`, PRO), copy(TITAN, TITAN), copy(`us.${NOVA}`, NOVA, US)]);
    expect(profiles.route(NOVA, EU).problem).toEqual({
      code: 'bareModel',
      path: 'modelId',
      got: `"${NOVA}"`,
      allowed: `a model of which the service has an application inference profile in eu-west-1 (${TITAN}, eu.${PRO}): `
        + 'IAM denies models that are called in any other way, since no tag of a profile would attribute the call',
      remedy: 'call it in us-east-1, where there is one, or make an ApplicationInferenceProfile of it in eu-west-1',
      message: expect.stringContaining('modelId: got'),
    });
  });

  test('says that there are none', () => {
    expect(inferenceProfiles([copy(NOVA, NOVA, US)]).route(PRO, EU).problem?.allowed).toContain('in eu-west-1 (none)');
  });

  test('without a Region names all there are', () => {
    const { problem } = inferenceProfiles([copy(NOVA, NOVA, US), copy(NOVA, NOVA)]).route(PRO);
    expect(problem?.allowed).toContain(`in any Region (${NOVA})`);
    expect(problem?.remedy).toBe('make an ApplicationInferenceProfile of it in the Region of the call');
  });

  test('stays short, however many there are', () => {
    const many = Array.from({ length: 12 }, (_, index) => copy(`maker.model-${String.fromCharCode(97 + index)}`, '*'));
    expect(inferenceProfiles(many).route(PRO, EU).problem?.allowed).toContain('maker.model-j, 2 more)');
  });
});
