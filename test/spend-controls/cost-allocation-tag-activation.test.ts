import { App, CfnParameter, Duration, Fn, NestedStack, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AttributionKey, AttributionSchema, Carrier } from '../../lib/schema';
import { CostAllocationTagActivation, type CostAllocationTagActivationProps, OnTagActivationDelete } from '../../lib/spend-controls';
import { nagFindings } from '../nag/nag-findings';

let app: App;
let stack: Stack;

beforeEach(() => {
  app = new App();
  stack = new Stack(app, 'Payer');
});

const keyOn = (name: string, carriers: Carrier[], deprecatedInFavourOf?: string): AttributionKey =>
  AttributionKey.of(name, { description: name, carriers, deprecatedInFavourOf });

const TAGS = [Carrier.PRINCIPAL_TAG, Carrier.SESSION_TAG, Carrier.RESOURCE_TAG];

/** Two keys on two kinds of tags, of which one has replaced another, and one on metadata only. */
const SCHEMA = new AttributionSchema({
  version: 1,
  keys: [
    keyOn('team', TAGS), keyOn('squad', TAGS, 'team'), keyOn('env', [Carrier.RESOURCE_TAG]), keyOn('request_id', [Carrier.REQUEST_METADATA]),
  ],
});

const KEYS = ['iamPrincipal/team', 'iamPrincipal/squad', 'team', 'squad', 'env'];

const METADATA_ONLY = new AttributionSchema({ version: 1, keys: [keyOn('request_id', [Carrier.REQUEST_METADATA])] });

function activate(props: Partial<CostAllocationTagActivationProps> = {}): CostAllocationTagActivation {
  return new CostAllocationTagActivation(stack, 'Tags', { schema: SCHEMA, ...props });
}

function templateOf(props: Partial<CostAllocationTagActivationProps> = {}): Template {
  activate(props);
  return Template.fromStack(stack);
}

/** What the function is told by CloudFormation, as far as synthesis knows it. */
function settingsOf(template: Template): Record<string, unknown> {
  const [resource] = Object.values(template.findResources('Custom::BedrockCostAllocationTags'));
  return JSON.parse((resource as { Properties: { Settings: string } }).Properties.Settings) as Record<string, unknown>;
}

test('wants the keys of callers and of resources, those that they replaced too, and nothing that rides on metadata only', () => {
  expect(activate().tagKeys).toEqual(KEYS);
  expect(settingsOf(Template.fromStack(stack))).toEqual({
    parameterName: '/bedrock-cost-attribution/tag-activation/Payer', tagKeys: KEYS, onDelete: 'leave-active',
  });
});

test('takes all properties', () => {
  const settings = settingsOf(templateOf({
    additionalTagKeys: ['CostCentre', 'iamPrincipal/CostCentre', 'aws:createdBy'],
    backfillFrom: '2026-01',
    checkInterval: Duration.hours(6),
    maxPendingAge: Duration.days(3),
    onDelete: OnTagActivationDelete.DEACTIVATE,
    parameterName: '/finops/tags',
  }));
  expect(settings).toEqual({
    parameterName: '/finops/tags', tagKeys: [...KEYS, 'CostCentre', 'iamPrincipal/CostCentre', 'aws:createdBy'], onDelete: 'deactivate', backfillFrom: '2026-01',
  });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(6 hours)' });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'LongestPendingSeconds', Threshold: 3 * 86_400, Statistic: 'Maximum' });
});

test('tells the schedule what it tells CloudFormation, once a day', () => {
  const template = templateOf();
  const [rule] = Object.values(template.findResources('AWS::Events::Rule')) as { Properties: { Targets: { Input: string }[]; ScheduleExpression: string } }[];
  expect(JSON.parse(rule.Properties.Targets[0].Input)).toEqual({ Settings: settingsOf(template) });
  expect(rule.Properties.ScheduleExpression).toBe('rate(1 day)');
});

test('checks nothing before the tags are taken over, nor after they were let go', () => {
  const template = templateOf();
  const [resource] = Object.keys(template.findResources('Custom::BedrockCostAllocationTags'));
  template.hasResource('AWS::Events::Rule', { DependsOn: Match.arrayWith([resource]) });
});

test('does not take the time before the first check for silence', () => {
  const template = templateOf();
  const [rule] = Object.keys(template.findResources('AWS::Events::Rule'));
  template.hasResource('AWS::CloudWatch::Alarm', { DependsOn: Match.arrayWith([rule]), Properties: Match.objectLike({ Statistic: 'SampleCount' }) });
});

test('lets go of the tags while the function, its rights and the topic are still there', () => {
  const template = templateOf({ topic: new sns.Topic(stack, 'Topic') });
  template.hasResource('Custom::BedrockCostAllocationTags', {
    DependsOn: Match.arrayWith([Match.stringLikeRegexp('^TagsFunctionHandler'), Match.stringLikeRegexp('^TagsFunctionRole'), Match.stringLikeRegexp('^Topic')]),
  });
});

/** The actions on anything at all of the role of the function. */
function actionsOnAll(template: Template): unknown {
  const [role] = Object.values(template.findResources('AWS::IAM::Role')) as
    { Properties: { Policies: { PolicyDocument: { Statement: { Action: unknown; Resource: unknown }[] } }[] } }[];
  return role.Properties.Policies[0].PolicyDocument.Statement.filter(({ Resource }) => Resource === '*').map(({ Action }) => Action);
}

test('may list and set tags, and keep its record, and nothing else', () => {
  const template = templateOf();
  expect(actionsOnAll(template)).toEqual([['ce:ListCostAllocationTags', 'ce:UpdateCostAllocationTagsStatus']]);
  template.hasResourceProperties('AWS::IAM::Role', { Policies: [{ PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({
    Action: ['ssm:DeleteParameter', 'ssm:GetParameter', 'ssm:PutParameter'],
    Resource: { 'Fn::Join': ['', Match.arrayWith([':parameter/bedrock-cost-attribution/tag-activation/Payer'])] },
  })]) } }] });
});

test('may backfill only where a backfill is wanted', () => {
  expect(actionsOnAll(templateOf({ backfillFrom: '2026-01' }))).toEqual([[
    'ce:ListCostAllocationTagBackfillHistory', 'ce:ListCostAllocationTags', 'ce:StartCostAllocationTagBackfill', 'ce:UpdateCostAllocationTagsStatus',
  ]]);
});

test('the record can be read by others, by its name or at deployment', () => {
  const activation = activate();
  const role = new iam.Role(stack, 'Reader', { assumedBy: new iam.AccountRootPrincipal() });
  activation.parameter.grantRead(role);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { PolicyDocument: { Statement: [Match.objectLike({
    Resource: { 'Fn::Join': ['', Match.arrayWith([':parameter/bedrock-cost-attribution/tag-activation/Payer'])] },
  })] } });
  expect(stack.resolve(activation.parameter.stringValue)).toBe('{{resolve:ssm:/bedrock-cost-attribution/tag-activation/Payer}}');
  Template.fromStack(stack).resourceCountIs('AWS::SSM::Parameter', 0);
});

test.each([
  ['pending', { MetricName: 'LongestPendingSeconds', Statistic: 'Maximum', Threshold: 7 * 86_400, ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'ignore' }],
  ['refused', { MetricName: 'RefusedCostAllocationTags', Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold', TreatMissingData: 'ignore' }],
  ['failed checks', { MetricName: 'Errors', Threshold: 1, TreatMissingData: 'notBreaching' }],
  ['no checks', { MetricName: 'LongestPendingSeconds', Statistic: 'SampleCount', Period: 3600, EvaluationPeriods: 49, TreatMissingData: 'breaching' }],
])('has an alarm on %s', (_case, properties) => {
  templateOf().hasResourceProperties('AWS::CloudWatch::Alarm', properties);
});

test.each([[Duration.minutes(1), 3], [Duration.hours(1), 3], [Duration.minutes(90), 5], [Duration.hours(24), 49]])(
  'with a check every %s, silence is noticed after %d hours', (checkInterval, EvaluationPeriods) => {
    templateOf({ checkInterval }).hasResourceProperties('AWS::CloudWatch::Alarm', { Statistic: 'SampleCount', EvaluationPeriods });
  });

test('tells the topic of all four alarms and of what has changed', () => {
  const template = templateOf({ topic: new sns.Topic(stack, 'Topic') });
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
  expect(alarms).toHaveLength(4);
  const action = { Ref: expect.stringMatching(/^Topic/) as string };
  for (const alarm of alarms) expect(alarm).toMatchObject({ Properties: { AlarmActions: [action], OKActions: [action] } });
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: { NOTIFICATION_TOPIC_ARN: { Ref: Match.stringLikeRegexp('^Topic') }, TAG_ACTIVATION_STACK_ID: { Ref: 'AWS::StackId' } } },
  });
});

test('in a nested stack the record is named by the outermost one', () => {
  const nested = new NestedStack(stack, 'Nested');
  const { parameter } = new CostAllocationTagActivation(nested, 'Tags', { schema: SCHEMA });
  expect(parameter.parameterName).toBe('/bedrock-cost-attribution/tag-activation/Payer');
});

describe('tokens', () => {
  test('pass as keys, month and name', () => {
    const text = new CfnParameter(stack, 'Text').valueAsString;
    activate({ additionalTagKeys: [text, 'b'], backfillFrom: text, parameterName: text });
    const [resource] = Object.values(Template.fromStack(stack).findResources('Custom::BedrockCostAllocationTags'));
    expect(JSON.stringify(resource)).toContain('{"Ref":"Text"}');
  });

  test('pass as a list of keys, which the function takes apart', () => {
    const list = new CfnParameter(stack, 'List', { type: 'CommaDelimitedList' });
    expect(activate({ schema: METADATA_ONLY, additionalTagKeys: list.valueAsList }).tagKeys).toEqual([]);
    const template = Template.fromStack(stack);
    const [resource] = Object.values(template.findResources('Custom::BedrockCostAllocationTags'));
    expect(JSON.stringify(resource)).toContain('{"Fn::Join":[",",{"Ref":"List"}]}');
    template.resourceCountIs('Custom::AWSCDKCfnJson', 0);
  });

  test('pass as durations', () => {
    const days = Duration.days(Token.asNumber(Fn.ref('Days')));
    templateOf({ checkInterval: days, maxPendingAge: Duration.seconds(Token.asNumber(Fn.ref('Days'))) })
      .hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'LongestPendingSeconds', Threshold: { Ref: 'Days' } });
  });
});

describe('bad input', () => {
  test('fails without any key on a tag', () => {
    expect(() => activate({ schema: METADATA_ONLY })).toThrow('schema has no key that rides on a tag and additionalTagKeys is empty');
  });

  test('an additional key is enough', () => {
    expect(activate({ schema: METADATA_ONLY, additionalTagKeys: ['team'] }).tagKeys).toEqual(['team']);
  });

  test.each([
    ['Team', 'additionalTagKeys has "Team", which stands for "team" of the schema'],
    ['iamPrincipal/TEAM', 'additionalTagKeys has "iamPrincipal/TEAM", which stands for "iamPrincipal/team" of the schema'],
    ['aws:PrincipalTag/squad', 'additionalTagKeys has "aws:PrincipalTag/squad", which stands for "iamPrincipal/squad" of the schema'],
    ['user:iamPrincipal/other', 'user: is how reports write it; give the key as Cost Explorer lists it, "iamPrincipal/other"'],
    ['resourceTags/other', 'resourceTags/ is how reports write it; give the key as Cost Explorer lists it, "other"'],
    ['', 'additionalTagKeys has "", of 0 characters, but a tag key has 1 to 128'],
    ['iamPrincipal/', 'of 0 characters, but a tag key has 1 to 128'],
    ['a,b', 'additionalTagKeys has "a,b", but a tag key has no comma'],
  ])('fails for the additional key %p', (key, message) => {
    expect(() => activate({ additionalTagKeys: [key] })).toThrow(message);
  });

  test('fails for an additional key that is given twice', () => {
    expect(() => activate({ additionalTagKeys: ['cc', 'CC'] })).toThrow('additionalTagKeys has "CC" beside "cc"');
  });

  test.each([['', 128, true], ['', 129, false], ['iamPrincipal/', 128, true], ['iamPrincipal/', 129, false]])(
    'a key behind %p may have 128 characters: %d', (prefix, length, isAllowed) => {
      const attempt = expect(() => activate({ additionalTagKeys: [prefix + 'k'.repeat(length)] }));
      if (isAllowed) attempt.not.toThrow();
      else attempt.toThrow(`of ${length} characters, but a tag key has 1 to 128`);
    });

  const many = (count: number): string[] => Array.from({ length: count }, (_none, index) => `key${String(index).padStart(3, '0')}`);

  test.each([
    [100, /the states of 100 tag keys take up to \d+ bytes, but the SSM parameter that keeps them has room for 8192; take some out/],
    [501, /there are 501 tag keys to activate, but an account may have 500 active; take some out/],
  ])('fails for %d keys', (count, message) => {
    expect(() => activate({ schema: METADATA_ONLY, additionalTagKeys: many(count) })).toThrow(message);
  });

  test('takes as many keys as the record has room for', () => {
    expect(activate({ schema: METADATA_ONLY, additionalTagKeys: many(60) }).tagKeys).toHaveLength(60);
  });

  test.each([
    [Duration.seconds(59), false], [Duration.minutes(1), true], [Duration.seconds(90), false],
    [Duration.days(1), true], [Duration.minutes(1441), false],
  ])('checkInterval %s is allowed: %p', (checkInterval, isAllowed) => {
    const attempt = expect(() => activate({ checkInterval }));
    if (isAllowed) attempt.not.toThrow();
    else attempt.toThrow(`checkInterval is ${checkInterval.toHumanString()}; give whole minutes, from one to a day`);
  });

  test.each([[Duration.hours(23), false], [Duration.days(1), true]])('maxPendingAge %s is allowed: %p', (maxPendingAge, isAllowed) => {
    const attempt = expect(() => activate({ maxPendingAge }));
    if (isAllowed) attempt.not.toThrow();
    else attempt.toThrow('maxPendingAge is 23 hours; give at least a day');
  });

  test.each(['2026', '2026-13', '2026-00', '2026-1', '2026-01-01', ''])('fails with %p as backfillFrom', backfillFrom => {
    expect(() => activate({ backfillFrom })).toThrow(`backfillFrom is ${JSON.stringify(backfillFrom)}; give a month as YYYY-MM`);
  });

  test('fails with a name that no parameter can have', () => {
    expect(() => activate({ parameterName: 'tags' })).toThrow('parameterName is "tags", but it must be a path');
  });

  test('fails for a second one in a stack, nested or not, and not for one in another stack', () => {
    activate();
    expect(() => new CostAllocationTagActivation(new NestedStack(stack, 'Nested'), 'Tags', { schema: SCHEMA }))
      .toThrow('Payer/Tags activates tags of the same account from the same stack; keep one of the two');
    expect(() => new CostAllocationTagActivation(new Stack(app, 'Other'), 'Tags', { schema: SCHEMA })).not.toThrow();
  });

  test('fails with everything that is wrong at once', () => {
    expect(() => activate({ additionalTagKeys: ['TEAM', 'a,b'], backfillFrom: 'x', checkInterval: Duration.days(2), parameterName: 'x' }))
      .toThrow(/has 5 problems:[^]*"a,b"[^]*"TEAM"[^]*checkInterval[^]*backfillFrom[^]*parameterName/);
  });
});

test('has no finding of cdk-nag', () => {
  expect(nagFindings(scope => {
    new CostAllocationTagActivation(scope, 'Tags', { schema: SCHEMA, backfillFrom: '2026-01' });
  })).toEqual([]);
});
