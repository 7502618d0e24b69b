import { App, Aws, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as fc from 'fast-check';
import { isFarBelow, policyCharacters, PolicyLimit } from '../../lib/private/policy-size';

const stack = new Stack(new App(), 'Stack');
const parameter = new CfnParameter(stack, 'Parameter').valueAsString;

function document(resources: string[], conditions: Record<string, string[]> = {}): iam.PolicyDocument {
  return new iam.PolicyDocument({
    statements: [new iam.PolicyStatement({ actions: ['s3:GetObject'], resources, conditions: Object.keys(conditions).length === 0 ? undefined : { StringEquals: conditions } })],
  });
}

const name = fc.stringMatching(/^[a-zA-Z0-9+=,.@_-]{1,40}$/);
const names = fc.uniqueArray(name, { minLength: 1, maxLength: 20 });
const someDocument = fc.tuple(names, fc.dictionary(name, names, { maxKeys: 4 }))
  .map(([resources, conditions]) => document(resources.map(resource => `arn:aws:s3:::${resource}`), conditions));

test('a document without references is as long as its JSON', () => {
  fc.assert(fc.property(someDocument, given => {
    expect(policyCharacters(stack, given)).toBe(JSON.stringify(given.toJSON()).length);
  }), { endOnFailure: true });
});

test('a document without statements has hardly any characters', () => {
  expect(policyCharacters(stack, new iam.PolicyDocument())).toBe(2);
});

const base = policyCharacters(stack, document(['']));

test.each<[string, string, string]>([
  ['a partition', Aws.PARTITION, 'aws-us-gov'],
  ['an account', Aws.ACCOUNT_ID, '111122223333'],
  ['a Region', Aws.REGION, 'us-isof-south-1'],
  ['an ARN with all of them', `arn:${Aws.PARTITION}:bedrock:${Aws.REGION}:${Aws.ACCOUNT_ID}:inference-profile/*`, 'arn:aws-us-gov:bedrock:us-isof-south-1:111122223333:inference-profile/*'],
  ['a join with a delimiter', Fn.join('--', ['a', Aws.ACCOUNT_ID, 'b']), 'a--111122223333--b'],
  ['a parameter', parameter, 'x'.repeat(160)],
  ['an attribute', Fn.getAtt('Profile', 'Arn').toString(), 'x'.repeat(160)],
  ['an attribute in a text', `${Fn.getAtt('Profile', 'Arn').toString()}/*`, `${'x'.repeat(160)}/*`],
  ['an import', Fn.importValue('Arn'), 'x'.repeat(160)],
  ['a join of a list', Fn.join('', new CfnParameter(stack, 'List', { type: 'CommaDelimitedList' }).valueAsList), 'x'.repeat(160)],
])('%s counts as many characters as it may come to', (_, resource, longest) => {
  expect(policyCharacters(stack, document([resource]))).toBe(base + longest.length);
});

describe('a document that is far below a limit', () => {
  const resource = fc.oneof(name, fc.constantFrom(Aws.PARTITION, Aws.REGION, parameter, `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/x`, Fn.importValue('Arn')));
  const referring = fc.uniqueArray(resource, { minLength: 1, maxLength: 12 }).map(resources => document(resources));

  test('is below it when it is counted', () => {
    fc.assert(fc.property(referring, fc.integer({ min: 100, max: 4000 }), (given, limit) => {
      if (isFarBelow(limit, given)) expect(policyCharacters(stack, given)).toBeLessThanOrEqual(limit);
    }), { endOnFailure: true, numRuns: 300 });
  });

  test.each<[string, iam.PolicyDocument, boolean]>([
    ['one without statements', new iam.PolicyDocument(), true],
    ['a small one', document(['arn:aws:s3:::bucket/*']), true],
    ['one of references', document(Array.from({ length: 5 }, (_, index) => `${parameter}/${index}`)), true],
    ['one of many references', document(Array.from({ length: 13 }, (_, index) => `${parameter}/${index}`)), false],
    ['a large one', document(['x'.repeat(2048)]), false],
  ])('%s', (_, given, expected) => {
    expect(isFarBelow(PolicyLimit.TRUST, given)).toBe(expected);
  });
});

test('the limits are those that AWS documents', () => {
  expect(PolicyLimit).toEqual({ MANAGED: 6144, INLINE: 10_240, TRUST: 2048, SERVICE_CONTROL: 10_240 });
});
