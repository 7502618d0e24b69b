import { AttributionError } from '../../src';
import { inferenceProfiles, type InferenceProfileEntries } from '../../src/profiles';
import { profileArn } from './arns';

const NOVA = 'amazon.nova-lite-v1:0';

function thrownBy(fn: () => unknown): AttributionError {
  try {
    fn();
  } catch (error) {
    return error as AttributionError;
  }
  throw new Error('nothing was thrown');
}

describe('what is configured', () => {
  test('may be the list that the construct library publishes', () => {
    const entry = { inferenceProfileArn: profileArn('nova'), sourceId: `eu.${NOVA}`, modelId: NOVA };
    expect(inferenceProfiles([entry]).entries).toEqual([{ ...entry, region: 'eu-west-1' }]);
  });

  test('may be a map of ARNs', () => {
    expect(inferenceProfiles({ [`eu.${NOVA}`]: profileArn('nova') }).route(`eu.${NOVA}`, 'eu-west-1')).toEqual({ modelId: profileArn('nova') });
  });

  test('may be nothing', () => {
    expect(inferenceProfiles([]).route(NOVA, 'eu-west-1').problem).toMatchObject({ code: 'bareModel' });
  });

  test.each([
    ['eu.amazon.nova-lite-v1:0', NOVA],
    ['us-gov.amazon.nova-lite-v1:0', NOVA],
    ['global.amazon.nova-lite-v1:0', NOVA],
    ['apac.amazon.nova-lite-v1:0', NOVA],
    ['kr.amazon.nova-lite-v1:0', NOVA],
    ['us.deepseek.v3.2', 'deepseek.v3.2'],
    ['deepseek.v3.2', 'deepseek.v3.2'],
    ['zai.glm-4.7', 'zai.glm-4.7'],
    [NOVA, NOVA],
  ])('tells the model behind %s where it is not said', (sourceId, modelId) => {
    const [fromMap, fromStar] = [{ [sourceId]: profileArn('x') }, [{ inferenceProfileArn: profileArn('x'), sourceId, modelId: '*' }]];
    for (const entries of [fromMap, fromStar]) expect(inferenceProfiles(entries).entries[0].modelId).toBe(modelId);
  });

  test.each(['aws', 'aws-cn', 'aws-us-gov', 'aws-eusc'])('may be of the partition %s', partition => {
    const arn = profileArn('nova', 'xx-west-1', partition);
    expect(inferenceProfiles({ [NOVA]: arn }).route(NOVA, 'xx-west-1')).toEqual({ modelId: arn });
  });

  test.each<[string, unknown, string, RegExp]>([
    ['an ARN that is none', { sourceId: NOVA, inferenceProfileArn: 'nova' }, 'profileArn', /got "nova", .* correct the ARN/],
    ['no ARN', { sourceId: NOVA }, 'profileArn', /got nothing/],
    ['the ARN of a system-defined profile', { sourceId: NOVA, inferenceProfileArn: 'arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.x.y' },
      'profileArn', /give an application inference profile, which this inference-profile is not/],
    ['the ARN of another service', { sourceId: NOVA, inferenceProfileArn: 'arn:aws:iam::111122223333:role/x' }, 'profileArn', /correct the ARN/],
    ['an ARN without an account', { sourceId: NOVA, inferenceProfileArn: 'arn:aws:bedrock:eu-west-1::application-inference-profile/x' }, 'profileArn', /correct/],
    ['a source that is an ARN', { inferenceProfileArn: profileArn('x'), sourceId: `arn:aws:bedrock:eu-west-1::foundation-model/${NOVA}` },
      'profileSource', /give the end of the ARN/],
    ['a source without a dot', { inferenceProfileArn: profileArn('x'), sourceId: 'nova' }, 'profileSource', /correct the id/],
    ['no source', { inferenceProfileArn: profileArn('x') }, 'profileSource', /got nothing/],
    ['a model that is no text', { inferenceProfileArn: profileArn('x'), sourceId: NOVA, modelId: 3 }, 'profileModel', /got 3/],
    ['a model of another geography', { inferenceProfileArn: profileArn('x'), sourceId: `eu.${NOVA}`, modelId: `us.${NOVA}` },
      'profileModel', /give the model behind sourceId/],
    ['an entry that is a text', 'nova', 'profile', /got "nova"/],
    ['an entry that is null', null, 'profile', /got null/],
  ])('fails with %s', (_, entry, code, message) => {
    const { problems } = thrownBy(() => inferenceProfiles([entry] as InferenceProfileEntries));
    expect(problems).toEqual([expect.objectContaining({ code, message: expect.stringMatching(message) })]);
    expect(problems[0].path).toMatch(/^profiles\[0\]/);
  });

  test('fails with two profiles of one source in a Region', () => {
    const error = thrownBy(() => inferenceProfiles([
      { inferenceProfileArn: profileArn('one'), sourceId: NOVA },
      { inferenceProfileArn: profileArn('two'), sourceId: NOVA },
      { inferenceProfileArn: profileArn('three', 'us-east-1'), sourceId: NOVA },
    ]));
    expect(error.problems).toEqual([expect.objectContaining({
      code: 'duplicateProfile', path: 'profiles[1].sourceId', message: expect.stringMatching(/one profile of a source in eu-west-1, which profiles\[0\] is/),
    })]);
  });

  test('fails with everything that is wrong in one error', () => {
    const error = thrownBy(() => inferenceProfiles({ 'a b': 'x', [NOVA]: 'y' }));
    expect(error.code).toBe('InvalidConfiguration');
    expect(error.problems.map(({ path }) => path)).toEqual([
      'profiles["a b"].inferenceProfileArn', 'profiles["a b"].sourceId', `profiles["${NOVA}"].inferenceProfileArn`,
    ]);
    expect(error.message).toMatch(/^the list of inference profiles has 3 problems:/);
  });
});
