import { App, Aws, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { ParameterTier } from 'aws-cdk-lib/aws-ssm';
import { AttributionSchemaParameter } from '../../lib/attribution-schema-parameter';
import type { AttributionSchemaParameterProps } from '../../lib/attribution-schema-parameter';
import { AttributionKey, AttributionSchema, SchemaLock } from '../../lib/schema';

const starter = AttributionSchema.starter({ teams: ['search', 'ads'] });

function publish(props: Partial<AttributionSchemaParameterProps> = {}): { stack: Stack; published: AttributionSchemaParameter } {
  const stack = new Stack(new App(), 'Stack');
  return { stack, published: new AttributionSchemaParameter(stack, 'Schema', { schema: starter, lockText: SchemaLock.lockText(starter), ...props }) };
}

/** A schema whose compact JSON takes exactly this many bytes, most of them in characters of two bytes. */
function schemaOfBytes(bytes: number): AttributionSchema {
  const make = (description: string): AttributionSchema =>
    new AttributionSchema({ version: 1, keys: [AttributionKey.of('team', { description })] });
  const room = bytes - Buffer.byteLength(make('x').compactJson()) + 1;
  return make('é'.repeat(Math.floor(room / 2)) + 'x'.repeat(room % 2));
}

test('publishes the compact schema under the default name in the standard tier', () => {
  const { stack } = publish();
  Template.fromStack(stack).hasResourceProperties('AWS::SSM::Parameter', {
    Name: '/bedrock-cost-attribution/schema', Type: 'String', Tier: 'Standard', Value: starter.compactJson(),
  });
});

test('takes name and tier as given', () => {
  const { stack } = publish({ parameterName: '/acme/keys', tier: ParameterTier.ADVANCED });
  Template.fromStack(stack).hasResourceProperties('AWS::SSM::Parameter', { Name: '/acme/keys', Tier: 'Advanced' });
});

test('takes a name that is not known yet', () => {
  const { stack } = publish({ parameterName: `/${Aws.STACK_NAME}/keys` });
  Template.fromStack(stack).hasResourceProperties('AWS::SSM::Parameter', { Name: { 'Fn::Join': Match.anyValue() } });
});

test('lets a role read this parameter and no other', () => {
  const { stack, published } = publish();
  published.grants.read(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }));
  const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  const [statement] = policy.Properties.PolicyDocument.Statement;
  expect(statement.Action).toEqual(['ssm:GetParameter', 'ssm:GetParameters']);
  expect(JSON.stringify(statement.Resource)).toContain(':parameter');
  expect(JSON.stringify(statement.Resource)).not.toContain('*');
});

test('lets a role read a schema that was published elsewhere', () => {
  const stack = new Stack(new App(), 'Stack');
  const imported = AttributionSchemaParameter.fromParameterName(stack, 'Schema', '/acme/keys');
  imported.grants.read(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }));
  expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).toContain(':parameter/acme/keys"');
});

test.each([
  [ParameterTier.STANDARD, 4096],
  [ParameterTier.ADVANCED, 8192],
  [ParameterTier.INTELLIGENT_TIERING, 8192],
])('takes a schema of as many bytes as the tier %s holds', (tier, bytes) => {
  const schema = schemaOfBytes(bytes);
  expect(Buffer.byteLength(schema.compactJson())).toBe(bytes);
  expect(() => publish({ schema, lockText: undefined, tier })).not.toThrow();
});

test.each([
  [ParameterTier.STANDARD, 4097, 'set tier to ParameterTier.ADVANCED'],
  [ParameterTier.ADVANCED, 8193, 'shorten'],
])('fails for a schema of one byte more than the tier %s holds', (tier, bytes, remedy) => {
  expect(() => publish({ schema: schemaOfBytes(bytes), lockText: undefined, tier })).toThrow(new RegExp(`takes ${bytes} bytes.*at most ${bytes - 1}.*${remedy}`));
});

test.each([
  ['of 954 characters', `/${'x'.repeat(953)}`],
  ['of 15 levels', '/x'.repeat(15)],
])('a parameter name %s is accepted', (_, parameterName) => {
  expect(() => publish({ parameterName })).not.toThrow();
});

test.each([
  ['that is no path', 'acme'],
  ['with a space', '/acme keys'],
  ['that ends with a slash', '/acme/'],
  ['that AWS keeps', '/aws/keys'],
  ['that AWS keeps, in any case', '/SSM-keys'],
  ['of 955 characters', `/${'x'.repeat(954)}`],
  ['of 16 levels', '/x'.repeat(16)],
])('fails for a parameter name %s', (_, parameterName) => {
  expect(() => publish({ parameterName })).toThrow(/parameterName is /);
});

test('fails for a bad name and a big schema in one error', () => {
  expect(() => publish({ parameterName: 'acme', schema: schemaOfBytes(5000), lockText: undefined })).toThrow(/has 2 problems/);
});

test('fails for a change that the lock refuses, and says what to do instead', () => {
  const schema = new AttributionSchema({ version: 2, keys: starter.keys.filter(({ name }) => name !== 'feature') });
  expect(() => publish({ schema })).toThrow(/key feature: key removed; keep it and set deprecatedInFavourOf/);
});

test('fails for a lock that cannot be read', () => {
  expect(() => publish({ lockText: '{}' })).toThrow(/the lock of the attribution schema has 1 problem/);
});

test('warns of a missing lock and says how to make one', () => {
  const { stack } = publish({ lockText: undefined });
  Annotations.fromStack(stack).hasWarning('/Stack/Schema', Match.stringLikeRegexp('bca schema lock.*bedrock-cost-attribution:schemaLockMissing'));
});

test('warns of a lock that is behind', () => {
  const { stack } = publish({ schema: new AttributionSchema({ version: 2, keys: starter.keys }) });
  Annotations.fromStack(stack).hasWarning('/Stack/Schema', Match.stringLikeRegexp('bedrock-cost-attribution:schemaLockBehind'));
});

test('does not warn when the lock is up to date', () => {
  expect(Annotations.fromStack(publish().stack).findWarning('*', Match.anyValue())).toEqual([]);
});

test('accepts a new required key with a date whatever the clock says', () => {
  const audited = AttributionKey.of('audit', { description: 'Audit scope.', required: true, requiredFrom: '2001-01-01' });
  expect(() => publish({ schema: new AttributionSchema({ version: 1, keys: [...starter.keys, audited] }) })).not.toThrow();
});
