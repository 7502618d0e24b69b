import { App, Aws, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CfnApplicationInferenceProfile } from 'aws-cdk-lib/aws-bedrock';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as fc from 'fast-check';
import {
  AttributedInvocationPolicy, AttributionBoundary, AttributionGuardrails, BedrockServiceRole, BedrockUserGroup, FederatedPermissionSet,
  InvocationTarget,
} from '../../lib/access';
import { packStatements } from '../../lib/access/pack-statements';
import { policyCharacters } from '../../lib/private/policy-size';
import { deployedCharacters, largeAttribution, largeSchema, type SchemaSize } from './support/large-schemas';

const stack = new Stack(new App(), 'Stack');

/** A statement that makes a policy of it alone as long as it is asked to be. */
function statement(sid: string, characters: number): iam.PolicyStatement {
  const make = (resource: string): iam.PolicyStatement => new iam.PolicyStatement({ sid, actions: ['s3:GetObject'], resources: [resource] });
  const least = policyCharacters(stack, new iam.PolicyDocument({ statements: [make('')] }));
  return make('x'.repeat(characters - least));
}

function sids(documents: iam.PolicyDocument[]): string[][] {
  return documents.map(document => (document.toJSON() as { Statement: { Sid: string }[] }).Statement.map(({ Sid }) => Sid));
}

const sizes = (documents: iam.PolicyDocument[]): number[] => documents.map(document => policyCharacters(stack, document));

describe('statements', () => {
  const lengths = fc.array(fc.integer({ min: 120, max: 900 }), { minLength: 1, maxLength: 20 });
  const make = (given: number[]): iam.PolicyStatement[] => given.map((length, index) => statement(`S${index}`, length));

  test('are all there, in order, in documents within the limit', () => {
    fc.assert(fc.property(lengths, fc.integer({ min: 900, max: 3000 }), (given, limit) => {
      const documents = packStatements(stack, make(given), { limit, most: 20, remedy: 'list less' });
      expect(sids(documents).flat()).toEqual(given.map((_, index) => `S${index}`));
      expect(sizes(documents).filter(size => size > limit)).toEqual([]);
    }), { endOnFailure: true });
  });

  test('are in as few documents as can be, when they are kept in order', () => {
    fc.assert(fc.property(lengths, fc.integer({ min: 900, max: 3000 }), (given, limit) => {
      const documents = sids(packStatements(stack, make(given), { limit, most: 20, remedy: 'list less' }));
      for (let index = 1; index < documents.length; index++) {
        const together = [...documents[index - 1], documents[index][0]].map(sid => given[Number(sid.slice(1))]);
        expect(policyCharacters(stack, new iam.PolicyDocument({ statements: make(together) }))).toBeGreaterThan(limit);
      }
    }), { endOnFailure: true, numRuns: 40 });
  });

  test('make the same documents each time', () => {
    fc.assert(fc.property(lengths, given => {
      const pack = (): iam.PolicyDocument[] => packStatements(stack, make(given), { limit: 1000, most: 20, remedy: 'list less' });
      expect(stack.resolve(pack())).toEqual(stack.resolve(pack()));
    }), { endOnFailure: true, numRuns: 20 });
  });

  test.each([[1000, 1], [1001, undefined]])('of %d characters fit into 1,000: %p', (length, documents) => {
    const pack = (): iam.PolicyDocument[] => packStatements(stack, [statement('Long', length)], { limit: 1000, most: 5, remedy: 'list less' });
    if (documents === undefined) {
      expect(pack).toThrow(/the policy has 1 problem:\n {2}- the statement Long has \d+ characters, and a policy may have 1000: list less/);
    } else {
      expect(pack()).toHaveLength(documents);
    }
  });

  test('fails once with all that are too large', () => {
    expect(() => packStatements(stack, [statement('A', 1200), statement('B', 500), statement('C', 1300)], { limit: 1000, most: 5, remedy: 'list less' }))
      .toThrow(/has 2 problems:\n.*the statement A .*\n.*the statement C /);
  });

  test.each([[3, 3, undefined], [3, 2, 'each of 2 policies'], [2, 1, 'it']])('%d documents where %d may be: fails with %p', (count, most, words) => {
    const pack = (): iam.PolicyDocument[] => packStatements(stack, make(Array.from({ length: count }, () => 900)), { limit: 1000, most, remedy: 'list less' });
    if (words === undefined) {
      expect(pack()).toHaveLength(count);
    } else {
      expect(pack).toThrow(new RegExp(`its ${count} statements have \\d+ characters, and ${words} may have 1000: list less`));
    }
  });

  test('are counted with references at their longest', () => {
    const referring = (count: number): iam.PolicyStatement => (
      new iam.PolicyStatement({ sid: 'Referring', actions: ['s3:GetObject'], resources: Array.from({ length: count }, (_, index) => `arn:${Aws.PARTITION}:s3:::${index}`) })
    );
    const [document] = packStatements(stack, [referring(10)], { limit: 10_000, most: 1, remedy: 'list less' });
    const longest = deployedCharacters(stack.resolve(document));
    expect(() => packStatements(stack, [referring(10)], { limit: longest, most: 1, remedy: 'list less' })).not.toThrow();
    expect(() => packStatements(stack, [referring(10)], { limit: longest - 1, most: 1, remedy: 'list less' })).toThrow(`and a policy may have ${longest - 1}`);
  });
});

describe('schemas of up to 10 keys with up to 50 values', () => {
  const TARGETS = [InvocationTarget.matchingTags()];
  type Make = (stack: Stack, size: SchemaSize) => unknown;

  const constructs: Record<string, { readonly make: Make; readonly limit: number }> = {
    policy: { limit: 6144, make: (scope, size) => new AttributedInvocationPolicy(scope, 'It', { schema: largeSchema(size), targets: TARGETS }) },
    boundary: { limit: 6144, make: (scope, size) => new AttributionBoundary(scope, 'It', { schema: largeSchema(size) }) },
    guardrails: { limit: 10_240, make: (scope, size) => new AttributionGuardrails(scope, 'It', { schema: largeSchema(size) }) },
    group: { limit: 6144, make: (scope, size) => new BedrockUserGroup(scope, 'It', { schema: largeSchema(size), targets: TARGETS }) },
    permissionSet: {
      limit: 10_240,
      make: (scope, size) => new FederatedPermissionSet(scope, 'It', {
        schema: largeSchema(size), instanceArn: 'arn:aws:sso:::instance/ssoins-1111222233334444', permissionSetName: 'Bedrock',
      }),
    },
    role: {
      limit: 10_240,
      make: (scope, size) => new BedrockServiceRole(scope, 'It', {
        schema: largeSchema(size), attribution: largeAttribution(size), targets: TARGETS, assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      }),
    },
  };

  /** Sizes that fit, with the documents that they take, and sizes that do not. */
  const outcomes: [keyof typeof constructs, SchemaSize, boolean][] = [
    ...(['policy', 'group', 'guardrails', 'role'] as const).flatMap((construct): [string, SchemaSize, boolean][] => [
      [construct, { keys: 1, values: 1, length: 3 }, true],
      [construct, { keys: 3, values: 50, length: 64 }, true],
      [construct, { keys: 10, values: 1, length: 256 }, true],
      [construct, { keys: 10, values: 50, length: 12 }, true],
    ]),
    ['policy', { keys: 10, values: 50, length: 128 }, false],
    ['policy', { keys: 1, values: 50, length: 256 }, false],
    ['group', { keys: 10, values: 50, length: 128 }, false],
    ['guardrails', { keys: 10, values: 50, length: 64 }, false],
    ['guardrails', { keys: 1, values: 50, length: 256 }, false],
    ['role', { keys: 10, values: 50, length: 256 }, true],
    ['permissionSet', { keys: 10, values: 30, length: 8 }, true],
    ['permissionSet', { keys: 10, values: 50, length: 256 }, false],
    ['boundary', { keys: 1, values: 50, length: 12 }, true],
    ['boundary', { keys: 3, values: 1, length: 3 }, true],
    ['boundary', { keys: 3, values: 50, length: 256 }, true],
    ['boundary', { keys: 4, values: 1, length: 3 }, false],
    ['boundary', { keys: 10, values: 50, length: 12 }, false],
  ];

  test.each(outcomes)('%s, %j: fits is %p', (construct, size, fits) => {
    const { make, limit } = constructs[construct];
    const scope = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
    if (fits) {
      make(scope, size);
      const documents = documentsOf(scope);
      expect(documents.length).toBeGreaterThan(0);
      expect(documents.map(deployedCharacters).filter(characters => characters > limit)).toEqual([]);
    } else {
      expect(() => make(scope, size)).toThrow(new RegExp(`has \\d+ problems?:\n {2}- (its \\d+ statements have|the statement \\w+ has) \\d+ characters, and .* may have ${limit}: (raise maxPolicies, compare fewer keys|compare fewer keys|use InvocationTarget)`));
    }
  });

  test.each([[18, true], [22, false]])('%d named profiles of the same app fit into a role: %p', (count, fits) => {
    const scope = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
    const size = { keys: 1, values: 1, length: 3 };
    const targets = Array.from({ length: count }, (_, index) => (
      InvocationTarget.profile(new CfnApplicationInferenceProfile(scope, `Profile${index}`, { inferenceProfileName: `p${index}` }))
    ));
    const make = (): unknown => new BedrockServiceRole(scope, 'It', {
      schema: largeSchema(size), attribution: largeAttribution(size), targets, assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    });
    if (fits) expect(make).not.toThrow();
    else expect(make).toThrow(/may have 10240: use InvocationTarget\.matchingTags\(\)/);
  });

  /** Every policy of a stack, trust policies aside. */
  function documentsOf(scope: Stack): unknown[] {
    const { Resources } = Template.fromStack(scope).toJSON() as { Resources: Record<string, { Properties?: Record<string, unknown> }> };
    return Object.values(Resources).flatMap(({ Properties: { PolicyDocument, Content, InlinePolicy, Policies = [] } = {} }) => {
      const inline = (Policies as { PolicyDocument: unknown }[]).map(policy => policy.PolicyDocument);
      return [PolicyDocument, Content, InlinePolicy, ...inline].filter(document => document !== undefined);
    });
  }
});
