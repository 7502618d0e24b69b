import { App, Stack } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { ApplicationInferenceProfile, ModelSource } from '../../../lib/inference-profiles';
import { AttributionKey, AttributionSchema, Carrier } from '../../../lib/schema';
import { publishedPath } from '../../src/ssm/published-path';

const required = { description: 'Key.', required: true };
const schema = new AttributionSchema({
  version: 2,
  keys: [
    AttributionKey.of('env', { ...required, spellings: { resourceTag: 'Stage' } }),
    AttributionKey.of('squad', { ...required, deprecatedInFavourOf: 'team' }),
    AttributionKey.of('team', required),
    AttributionKey.of('tenant', { ...required, carriers: [Carrier.REQUEST_METADATA] }),
    AttributionKey.of('cost_center', { ...required, requiredFrom: '2020-01-01' }),
    AttributionKey.of('feature', { description: 'Key.' }),
  ],
});

const profilesPath = (attribution: Record<string, string | undefined>) => publishedPath('inference-profiles', schema, attribution, 'parameterPath');

/** Where the construct publishes a profile, without the last level. */
function publishedAt(attribution: Record<string, string>): string | undefined {
  const { parameterName } = new ApplicationInferenceProfile(new Stack(new App(), 'Stack'), 'Profile', {
    schema, attribution, modelSource: ModelSource.foundationModel('amazon.nova-lite-v1:0'),
  });
  return parameterName?.slice(0, parameterName.lastIndexOf('/'));
}

test.each<Record<string, string>>([
  { team: 'payments', env: 'prod' },
  { squad: 'payments', env: 'prod', feature: 'summary', cost_center: '42' },
  { team: 'a/b c_d', env: 'x=y@z' },
])('profiles are looked for where the construct publishes them: %j', attribution => {
  const { path, problems } = profilesPath(attribution);
  expect({ path, problems }).toEqual({ path: publishedAt(attribution), problems: [] });
});

test('the path is of required keys that ride on resource tags, in the order of the schema', () => {
  const { path } = profilesPath({ team: 'payments', env: 'prod', tenant: 't', cost_center: '42' });
  expect(path).toBe('/bedrock-cost-attribution/inference-profiles/prod/payments');
});

test('profiles are looked for where the construct publishes them, whatever the values', () => {
  const value = fc.stringMatching(/^[a-zA-Z0-9 ._:/=+@-]{1,20}$/).filter(text => text.trim() === text);
  fc.assert(fc.property(value, value, (team, env) => {
    expect(profilesPath({ team, env }).path).toBe(publishedAt({ team, env }));
  }), { numRuns: 20 });
});

test('fails with every value that is missing or empty', () => {
  expect(profilesPath({ env: '', team: undefined }).problems).toMatchObject([
    { code: 'missingKey', path: 'attribution.env', got: '""' }, { code: 'missingKey', path: 'attribution.team', got: 'nothing' },
  ]);
});
