import { CfnParameter, Duration, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AccessControlAttributes, type AccessControlAttributesProps, FederatedPermissionSet, type FederatedPermissionSetProps, InvocationTarget } from '../../lib/access';
import { AttributionKey, AttributionSchema, Carrier } from '../../lib/schema';
import { isAllowed, type Statement } from '../support/evaluate-policy';
import { largeSchema } from './support/large-schemas';
import { makeStack } from './support/policies';
import { modelCall } from './support/sessions';

const INSTANCE = 'arn:aws:sso:::instance/ssoins-1111222233334444';

const SCHEMA = new AttributionSchema({
  version: 1,
  keys: [
    AttributionKey.TEAM.withAllowedValues(['payments', 'research']),
    AttributionKey.of('cost_center', {
      description: 'Who is charged.', required: true, pattern: 'cc-[0-9]{4}', spellings: { principalTag: 'CostCenter', sessionTag: 'DirectoryCostCenter' },
    }),
    AttributionKey.FEATURE,
  ],
});

function make(stack: Stack, props: Partial<FederatedPermissionSetProps> = {}): FederatedPermissionSet {
  return new FederatedPermissionSet(stack, 'Set', {
    schema: SCHEMA, instanceArn: INSTANCE, permissionSetName: 'BedrockUsers', targets: [InvocationTarget.anyModel()], ...props,
  });
}

function setOf(stack: Stack): Record<string, unknown> {
  const [set] = Object.values(Template.fromStack(stack).findResources('AWS::SSO::PermissionSet'));
  return set.Properties as Record<string, unknown>;
}

describe('a user of the permission set', () => {
  const tags = { team: 'payments', DirectoryCostCenter: 'cc-4711' };
  const calls = (given: Record<string, string>, props: Partial<FederatedPermissionSetProps> = {}): boolean => {
    const stack = makeStack();
    make(stack, props);
    return isAllowed((setOf(stack).InlinePolicy as { Statement: Statement[] }).Statement, modelCall(given));
  };

  test('calls with all required tags, in the spelling of sessions', () => {
    expect(calls(tags)).toBe(true);
  });

  test.each<[string, Record<string, string>]>([
    ['without tags', {}],
    ['without one of them', { team: 'payments' }],
    ['with an empty one', { ...tags, team: '' }],
    ['with a value that is not listed', { ...tags, team: 'risk' }],
    ['with a value that does not begin like the pattern', { ...tags, DirectoryCostCenter: '4711' }],
    ['with a key in the spelling of roles', { team: 'payments', CostCenter: 'cc-4711' }],
  ])('does not call %s', (_, given) => {
    expect(calls(given)).toBe(false);
  });

  test('calls what has its own tags in whatever account, where nothing is said of targets', () => {
    const stack = makeStack();
    make(stack, { targets: undefined });
    const statements = (setOf(stack).InlinePolicy as { Statement: Statement[] }).Statement;
    const call = (team: string): boolean => isAllowed(statements, [{
      action: 'bedrock:InvokeModel',
      resource: 'arn:aws:bedrock:eu-west-1:444455556666:application-inference-profile/p1',
      context: { 'aws:PrincipalTag/team': 'payments', 'aws:PrincipalTag/DirectoryCostCenter': 'cc-4711', 'aws:ResourceTag/team': team },
      principal: 'arn:aws:iam::444455556666:role/set',
    }]);
    expect(call('payments')).toBe(true);
    expect(call('research')).toBe(false);
  });
});

describe('a permission set', () => {
  test.each([[1, 'PT1H'], [8, 'PT8H'], [12, 'PT12H']])('of %d hours lasts %s', (hours, expected) => {
    const stack = makeStack();
    make(stack, { sessionDuration: Duration.hours(hours) });
    expect(setOf(stack).SessionDuration).toBe(expected);
  });

  test('has all its properties', () => {
    const stack = makeStack();
    const { permissionSetArn } = make(stack, { description: 'People' });
    expect(setOf(stack)).toMatchObject({ InstanceArn: INSTANCE, Name: 'BedrockUsers', Description: 'People' });
    expect(stack.resolve(permissionSetArn)).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Set/), 'PermissionSetArn'] });
  });

  test('lasts an hour and says what it is for, where nothing is said', () => {
    const stack = makeStack();
    make(stack);
    expect(setOf(stack)).toMatchObject({ SessionDuration: 'PT1H', Description: 'Calls Amazon Bedrock with attribution' });
  });

  test('takes names and instances that are not known at synthesis', () => {
    const stack = makeStack();
    make(stack, { permissionSetName: new CfnParameter(stack, 'Name').valueAsString, instanceArn: new CfnParameter(stack, 'Instance').valueAsString });
    expect(setOf(stack)).toMatchObject({ Name: { Ref: 'Name' }, InstanceArn: { Ref: 'Instance' } });
  });

  test('holds ten keys with fifty values', () => {
    expect(() => make(makeStack(), { schema: largeSchema({ keys: 10, values: 50, length: 6 }) })).not.toThrow();
  });

  test('fails where the values do not fit', () => {
    expect(() => make(makeStack(), { schema: largeSchema({ keys: 10, values: 50, length: 40 }) })).toThrow(/characters, and it may have 10240/);
  });

  const onRoles = AttributionKey.of('owner', { description: 'Who owns it.', required: true, carriers: [Carrier.PRINCIPAL_TAG] });
  const optional = new AttributionSchema({ version: 1, keys: [AttributionKey.FEATURE] });

  test.each<[string, Partial<FederatedPermissionSetProps>, RegExp]>([
    ['without targets', { targets: [] }, /targets is empty/],
    ['without a name', { permissionSetName: '' }, /permissionSetName is "": use 1 to 32/],
    ['with a long name', { permissionSetName: 'x'.repeat(33) }, /permissionSetName is "x+": use 1 to 32/],
    ['with a name of other characters', { permissionSetName: 'Bedrock users' }, /permissionSetName is "Bedrock users"/],
    ['for less than an hour', { sessionDuration: Duration.minutes(59) }, /sessionDuration is 59 minutes: use 1 to 12 hours/],
    ['for more than twelve hours', { sessionDuration: Duration.hours(13) }, /sessionDuration is 13 hours: use 1 to 12 hours/],
    ['with a schema that requires nothing', { schema: optional }, /the schema has no required key that rides on principal or session tags/],
    ['with a required key that sessions cannot have', { schema: new AttributionSchema({ version: 1, keys: [AttributionKey.TEAM, onRoles] }) }, /the schema requires owner, which does not ride on session tags/],
  ])('fails %s', (_, props, message) => {
    expect(() => make(makeStack(), props)).toThrow(message);
  });

  test('fails once, with all that is wrong', () => {
    expect(() => make(makeStack(), { targets: [], permissionSetName: '', sessionDuration: Duration.hours(13) })).toThrow(/the permission set has 3 problems/);
  });
});

describe('attributes for access control', () => {
  const paths = { cost_center: '${path:enterprise.costCenter}', team: '${path:enterprise.department}' };
  const map = (stack: Stack, props: Partial<AccessControlAttributesProps> = {}): AccessControlAttributes => (
    new AccessControlAttributes(stack, 'Attributes', { schema: SCHEMA, instanceArn: INSTANCE, paths, ...props })
  );

  test('are spelled as session tags, in the order of the schema', () => {
    const stack = makeStack();
    map(stack);
    Template.fromStack(stack).hasResourceProperties('AWS::SSO::InstanceAccessControlAttributeConfiguration', {
      InstanceArn: INSTANCE,
      AccessControlAttributes: [
        { Key: 'team', Value: { Source: ['${path:enterprise.department}'] } },
        { Key: 'DirectoryCostCenter', Value: { Source: ['${path:enterprise.costCenter}'] } },
      ],
    });
  });

  test.each(['${path:userName}', '${path:emails[primary eq true].value}', '${path:addresses[type eq "work"].region}', '${user:email}'])('come from %s', path => {
    const stack = makeStack();
    map(stack, { paths: { ...paths, team: path } });
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).toContain(JSON.stringify(path));
  });

  test('come from a path that is not known at synthesis', () => {
    const stack = makeStack();
    map(stack, { paths: { ...paths, team: new CfnParameter(stack, 'Path').valueAsString } });
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).toContain('{"Source":[{"Ref":"Path"}]}');
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['without a required key', { team: paths.team }, /paths has no cost_center, which the schema requires/],
    ['with a key that nobody knows', { ...paths, tema: '${path:title}' }, /paths has the key "tema", which is no key in use.*use team, cost_center, feature/],
    ['with a bare path', { ...paths, team: 'enterprise.department' }, /paths.team is "enterprise.department": use a path of the directory/],
    ['with an empty path', { ...paths, team: '${path:}' }, /paths.team is "\$\{path:\}"/],
    ['with a fixed value', { ...paths, team: 'payments' }, /paths.team is "payments"/],
  ])('fail %s', (_, given, message) => {
    expect(() => map(makeStack(), { paths: given })).toThrow(message);
  });

  test('fail once, with all that is wrong', () => {
    expect(() => map(makeStack(), { paths: { tema: 'x' } })).toThrow(/the attributes for access control has 4 problems/);
  });
});
