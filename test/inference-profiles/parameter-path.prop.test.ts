import { Lazy } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { parameterPlace, requiredParts } from '../../lib/private/parameter-path';
import { AttributionKey, AttributionSchema, Carrier, type AttributionKeyProps } from '../../lib/schema';
import { encodeLevel, parameterName } from '../../lib/schema/parameter-name';

const text = fc.string({ unit: 'binary' });
const levels = fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1, maxLength: 8 });

/** Reads a level back, which shows that no two texts share one. */
function decodeLevel(level: string): string {
  return Buffer.from(level.replace(/_([0-9a-f]{2})|[^_]/g, (found, hex?: string) => hex ?? Buffer.from(found).toString('hex')), 'hex').toString();
}

const place = (value: string): { parameterName?: string; problems: string[] } =>
  parameterPlace({}, 'things', [{ what: 'attribution.team', value }]);

describe('a level', () => {
  test('can be read back, whatever the text', () => {
    fc.assert(fc.property(text, value => {
      expect(decodeLevel(encodeLevel(value))).toBe(value);
    }));
  });

  test('has characters that SSM accepts only, and no slash', () => {
    fc.assert(fc.property(text, value => {
      expect(encodeLevel(value)).toMatch(/^[a-zA-Z0-9_.-]*$/);
    }));
  });

  test.each([
    ['amazon.nova-lite-v1:0', 'amazon.nova-lite-v1_3a0'],
    ['a_b', 'a_5fb'],
    ['a/b c', 'a_2fb_20c'],
    ['ü', '_c3_bc'],
    ['😀', '_f0_9f_98_80'],
    ['', ''],
  ])('of %j is %j', (value, level) => {
    expect(encodeLevel(value)).toBe(level);
  });
});

describe('a name', () => {
  test('is another one for other levels', () => {
    fc.assert(fc.property(levels, levels, (one, other) => {
      expect(parameterName('things', one) === parameterName('things', other)).toBe(JSON.stringify(one) === JSON.stringify(other));
    }));
  });

  test('that is computed is a legal one, or a problem', () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 400 }), { minLength: 1, maxLength: 16 }), values => {
      const { parameterName = '', problems } = parameterPlace({}, 'things', values.map(value => ({ what: 'x', value })));
      const legal = /^(\/[a-zA-Z0-9_.-]+){1,15}$/.test(parameterName) && parameterName.length <= 954;
      expect(problems.length === 0).toBe(legal);
    }));
  });

  const fixed = '/bedrock-cost-attribution/things/'.length;

  test('may have 954 characters, the ARN before it taken off the limit', () => {
    expect(place('x'.repeat(954 - fixed)).problems).toEqual([]);
  });

  test('fails with 955 characters', () => {
    expect(place('x'.repeat(955 - fixed)).problems).toEqual([expect.stringMatching(/955 characters, but SSM has room for 954 .*give parameterName/)]);
  });

  const many = (count: number): string[] => parameterPlace({}, 'things', Array.from({ length: count }, () => ({ what: 'x', value: 'x' }))).problems;

  test('may have 15 levels', () => {
    expect(many(13)).toEqual([]);
  });

  test('fails with 16 levels', () => {
    expect(many(14)).toEqual([expect.stringMatching(/16 levels, but SSM takes at most 15; give parameterName/)]);
  });

  test('fails when it would be computed from values that are not known at synthesis, and names them', () => {
    const later = Lazy.string({ produce: () => 'later' });
    const parts = [{ what: 'attribution.team', value: later }, { what: 'attribution.env', value: 'prod' }, { what: 'modelSource', value: later }];
    expect(parameterPlace({}, 'things', parts)).toEqual({
      problems: [expect.stringMatching(/because attribution\.team, modelSource are not known at synthesis: give parameterName, or set publishParameter to false/)],
    });
    expect(parameterPlace({ parameterName: '/a' }, 'things', parts)).toEqual({ parameterName: '/a', problems: [] });
    expect(parameterPlace({ publishParameter: false }, 'things', parts)).toEqual({ problems: [] });
  });

  test('is not computed without a value, which is reported where it is missed', () => {
    expect(place('')).toEqual({ problems: [] });
  });

  test('that is not known at synthesis passes', () => {
    const parameterName = Lazy.string({ produce: () => '/later' });
    expect(parameterPlace({ parameterName }, 'things', [])).toEqual({ parameterName, problems: [] });
  });

  test.each(['acme', '/acme keys', '/acme/', '/aws/keys', '/SSM-keys', '', '/ä'])('fails when %j is given', parameterName => {
    expect(parameterPlace({ parameterName }, 'things', []).problems).toEqual([expect.stringContaining(`parameterName is ${JSON.stringify(parameterName)}`)]);
  });

  test('fails when one is given that nothing is published under', () => {
    expect(parameterPlace({ parameterName: '/a', publishParameter: false }, 'things', []).problems).toEqual([expect.stringMatching(/leave out one of the two/)]);
  });
});

describe('the values in a name', () => {
  const of = (name: string, props: AttributionKeyProps): AttributionKey => AttributionKey.of(name, props);
  const description = 'A key.';
  const schema = new AttributionSchema({
    version: 1,
    keys: [
      of('team', { description, required: true }),
      of('stage', { description, deprecatedInFavourOf: 'env' }),
      of('feature', { description }),
      of('audit', { description, required: true, requiredFrom: '2001-01-01' }),
      of('tenant', { description, required: true, carriers: [Carrier.REQUEST_METADATA] }),
      of('env', { description, required: true, spellings: { resourceTag: 'Environment' } }),
    ],
  });

  test('are those of the required keys that ride on the carrier, in the order of the schema', () => {
    const attribution = { env: 'prod', feature: 'x', team: 'a', audit: 'z' };
    expect(requiredParts(schema, Carrier.RESOURCE_TAG, attribution).map(({ value }) => value)).toEqual(['a', 'prod']);
  });

  test('may come by the name of a key that was replaced', () => {
    expect(requiredParts(schema, Carrier.RESOURCE_TAG, { team: 'a', stage: 'prod' })).toContainEqual({ what: 'attribution.stage', value: 'prod' });
  });

  test('are empty where they are missing', () => {
    expect(requiredParts(schema, Carrier.RESOURCE_TAG, {})).toEqual([{ what: 'attribution.team', value: '' }, { what: 'attribution.env', value: '' }]);
  });
});
