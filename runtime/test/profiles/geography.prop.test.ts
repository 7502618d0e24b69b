import * as fc from 'fast-check';
import { inferenceProfiles, type InferenceProfileEntry } from '../../src/profiles';
import { profileArn } from './arns';

const GEOGRAPHIES = ['us', 'us-gov', 'eu', 'apac', 'jp', 'au', 'ca', 'in', 'global'];
const REGIONS = ['eu-west-1', 'us-east-1', 'ap-northeast-1'];

const geography = fc.constantFrom(...GEOGRAPHIES);
const model = fc.constantFrom('amazon.nova-lite-v1:0', 'deepseek.v3.2', 'maker.model');
const systemProfile = fc.tuple(geography, model).map(parts => parts.join('.'));
const region = fc.constantFrom(...REGIONS);

/** Any profiles of a service, at most one of a source in a Region, some with the model behind them and some without. */
const entries = fc.uniqueArray(fc.record({ region, sourceId: fc.oneof(model, systemProfile), star: fc.boolean() }), {
  selector: ({ region: where, sourceId }) => `${where} ${sourceId}`, maxLength: 24,
}).map(all => all.map(({ region: where, sourceId, star }, index): InferenceProfileEntry => ({
  inferenceProfileArn: profileArn(`p${index}`, where), sourceId, ...star ? { modelId: '*' } : {},
})));

const asNamed = (id: string, where: string): fc.Arbitrary<string> =>
  fc.constantFrom(id, `arn:aws:bedrock:${where}:111122223333:inference-profile/${id}`, `arn:aws:bedrock:${where}::foundation-model/${id}`);

test('a system-defined profile that is named leads to its own copy, or nowhere', () => {
  fc.assert(fc.property(
    entries,
    fc.tuple(systemProfile, region).chain(([id, where]) => fc.tuple(fc.constant(id), asNamed(id, where))),
    fc.option(region, { nil: undefined }),
    fc.constantFrom('any' as const, 'none' as const),
    (all, [id, named], where, fallback) => {
      const { modelId, problem } = inferenceProfiles(all, { fallback }).route(named, where);
      const copies = all.filter(({ sourceId }) => sourceId === id).map(({ inferenceProfileArn }) => inferenceProfileArn);
      expect(problem === undefined ? copies : [named]).toContain(modelId);
    },
  ), { numRuns: 1000 });
});

test('whatever is named, the profile that it leads to has the same id or the same model, in the Region of the call', () => {
  fc.assert(fc.property(entries, fc.oneof(model, systemProfile, fc.string()), region, (all, named, where) => {
    const { modelId, problem } = inferenceProfiles(all).route(named, where);
    const chosen = all.find(({ inferenceProfileArn }) => inferenceProfileArn === modelId);
    const fits = chosen === undefined
      ? modelId === named && problem?.code !== 'otherRegion'
      : chosen.sourceId === named || chosen.sourceId.endsWith(`.${named}`);
    expect({ fits, here: chosen === undefined || modelId.includes(`:${where}:`) }).toEqual({ fits: true, here: true });
  }), { numRuns: 1000 });
});
