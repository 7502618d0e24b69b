import { App, CfnParameter, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { NotificationTopic } from '../../lib/invocation-logging';
import { AttributionKey, AttributionSchema, Carrier } from '../../lib/schema';
import { AnomalyEmailFrequency, AnomalyScope, SpendAnomalyMonitor, type SpendAnomalyMonitorProps } from '../../lib/spend-controls';
import { nagFindings } from '../nag/nag-findings';

const SCHEMA = AttributionSchema.starter({ teams: ['search', 'payments'] });
const LEAST: SpendAnomalyMonitorProps = { schema: SCHEMA, scope: AnomalyScope.tag('team'), emails: ['finops@example.com'] };

function makeStack(region = 'us-east-1'): Stack {
  return new Stack(new App(), 'Payer', { env: { account: '111122223333', region } });
}

function makeMonitor(props: Partial<SpendAnomalyMonitorProps> = {}, stack = makeStack()): SpendAnomalyMonitor {
  return new SpendAnomalyMonitor(stack, 'Monitor', { ...LEAST, ...props });
}

/** Properties of the resources of a type, by name or in order. */
function propertiesOf(stack: Stack, type: string): Record<string, unknown>[] {
  return Object.values(Template.fromStack(stack).findResources(type)).map(({ Properties }) => Properties as Record<string, unknown>);
}

function renderedMonitor(props: Partial<SpendAnomalyMonitorProps>): Record<string, unknown> {
  const [{ MonitorSpecification, ...rest }] = propertiesOf(makeMonitor(props).stack, 'AWS::CE::AnomalyMonitor');
  return { ...rest, MonitorSpecification: JSON.parse(MonitorSpecification as string) as unknown };
}

function renderedThreshold(props: Partial<SpendAnomalyMonitorProps>): unknown {
  const [{ ThresholdExpression }] = propertiesOf(makeMonitor(props).stack, 'AWS::CE::AnomalySubscription');
  return JSON.parse(ThresholdExpression as string);
}

describe('the monitor', () => {
  test.each([
    ['each value by the tags of callers', AnomalyScope.tag('team'), 'TAG', { Tags: { Key: 'iamPrincipal/team' } }],
    ['each value by the tags of resources', AnomalyScope.resourceTag('team'), 'TAG', { Tags: { Key: 'team' } }],
    ['a tag that is spelled otherwise', AnomalyScope.tag('team', { tagKey: 'Team' }), 'TAG', { Tags: { Key: 'Team' } }],
    ['some values', AnomalyScope.tagValues('team', ['search']), undefined, { Tags: { Key: 'iamPrincipal/team', Values: ['search'] } }],
    ['a cost category', AnomalyScope.costCategory('bedrock-team'), 'COST_CATEGORY', { CostCategories: { Key: 'bedrock-team' } }],
    ['a value of it', AnomalyScope.costCategoryValue('bedrock-team', 'search'), undefined, { CostCategories: { Key: 'bedrock-team', Values: ['search'] } }],
    ['accounts', AnomalyScope.accounts(['444455556666']), undefined, { Dimensions: { Key: 'LINKED_ACCOUNT', Values: ['444455556666'] } }],
  ])('learns %s', (_, scope, dimension, specification) => {
    const rendered = renderedMonitor({ scope });
    expect(rendered.MonitorSpecification).toEqual(specification);
    expect(rendered.MonitorDimension).toBe(dimension);
    expect(rendered.MonitorType).toBe(dimension === undefined ? 'CUSTOM' : 'DIMENSIONAL');
  });

  test.each([
    [AnomalyScope.tag('team'), 'Bedrock by iamPrincipal/team (Payer/Monitor)'],
    [AnomalyScope.tagValues('team', ['search', 'payments']), 'Bedrock of iamPrincipal/team search, payments (Payer/Monitor)'],
    [AnomalyScope.costCategory('Teams'), 'Bedrock by Teams (Payer/Monitor)'],
    [AnomalyScope.costCategoryValue('Teams', 'search'), 'Bedrock of Teams search (Payer/Monitor)'],
    [AnomalyScope.accounts(['444455556666']), 'Bedrock of 444455556666 (Payer/Monitor)'],
    [AnomalyScope.accounts([Token.asString({ Ref: 'Account' })]), 'Bedrock of … (Payer/Monitor)'],
  ])('is called by what it learns: %#', (scope, name) => {
    expect(makeMonitor({ scope }).monitorName).toBe(name);
  });

  test('keeps what is known at deployment only as a reference', () => {
    const stack = makeStack();
    const parameter = new CfnParameter(stack, 'Value').valueAsString;
    makeMonitor({
      scope: AnomalyScope.tagValues('team', [parameter], { tagKey: parameter }),
      monitorName: parameter, emails: [parameter],
      thresholdUsd: Token.asNumber({ Ref: 'Usd' }), thresholdPercent: Token.asNumber({ Ref: 'Percent' }),
    }, stack);
    expect(JSON.stringify(propertiesOf(stack, 'AWS::CE::AnomalyMonitor')[0].MonitorSpecification).match(/\{"Ref":"Value"\}/g)).toHaveLength(2);
    const [subscription] = propertiesOf(stack, 'AWS::CE::AnomalySubscription');
    expect(JSON.stringify(subscription.ThresholdExpression)).toMatch(/\{"Ref":"Usd"\}.*\{"Ref":"Percent"\}/);
    expect(subscription.Subscribers).toEqual([{ Type: 'EMAIL', Address: { Ref: 'Value' } }]);
  });

  test('is found by ARN and reference', () => {
    const monitor = makeMonitor();
    expect(monitor.stack.resolve(monitor.anomalyMonitorRef)).toEqual({ monitorArn: monitor.stack.resolve(monitor.monitorArn) });
    const arn = 'arn:aws:ce::111122223333:anomalymonitor/1234';
    expect(SpendAnomalyMonitor.fromMonitorArn(makeStack(), 'Imported', arn)).toMatchObject({ monitorArn: arn, anomalyMonitorRef: { monitorArn: arn } });
  });
});

describe('who is told', () => {
  const summary = (props: Partial<SpendAnomalyMonitorProps>, stack: Stack): unknown[] => {
    const monitor = makeMonitor({ monitorName: 'Teams', ...props }, stack);
    const subscriptions = propertiesOf(stack, 'AWS::CE::AnomalySubscription');
    for (const { MonitorArnList } of subscriptions) expect(MonitorArnList).toEqual([stack.resolve(monitor.monitorArn)]);
    return subscriptions.map(({ SubscriptionName, Frequency, Subscribers }) => [SubscriptionName, Frequency, Subscribers]);
  };

  test('a topic at once, addresses once a day', () => {
    const stack = makeStack();
    const topic = new Topic(stack, 'Topic');
    expect(summary({ topic, emails: ['a@example.com', 'b@example.com'] }, stack)).toEqual([
      ['Teams to topic', 'IMMEDIATE', [{ Type: 'SNS', Address: stack.resolve(topic.topicArn) }]],
      ['Teams by email', 'DAILY', [{ Type: 'EMAIL', Address: 'a@example.com' }, { Type: 'EMAIL', Address: 'b@example.com' }]],
    ]);
  });

  test('a topic alone, when there are no addresses', () => {
    const stack = makeStack();
    expect(summary({ topic: new Topic(stack, 'Topic'), emails: [] }, stack)).toEqual([['Teams to topic', 'IMMEDIATE', expect.anything()]]);
  });

  test('addresses once a week, when that is asked for', () => {
    expect(summary({ emailFrequency: AnomalyEmailFrequency.WEEKLY }, makeStack())).toEqual([['Teams by email', 'WEEKLY', expect.anything()]]);
  });

  test('fails when that is nobody', () => {
    expect(() => makeMonitor({ emails: undefined })).toThrow('the monitor tells nobody; give topic or emails');
    expect(() => makeMonitor({ emails: [] })).toThrow('the monitor tells nobody');
  });

  test('fails when addresses that are not there shall be told weekly', () => {
    const stack = makeStack();
    expect(() => makeMonitor({ topic: new Topic(stack, 'Topic'), emails: undefined, emailFrequency: AnomalyEmailFrequency.WEEKLY }, stack))
      .toThrow('emailFrequency is "WEEKLY" without emails; leave it out');
  });

  test.each([[10, true], [11, false]])('%i addresses: %s', (count, isAllowed) => {
    const build = (): unknown => makeMonitor({ emails: Array.from({ length: count }, (_, index) => `a${index}@example.com`) });
    if (isAllowed) expect(build).not.toThrow();
    else expect(build).toThrow('emails has 11 entries; a subscription takes 10');
  });

  test.each(['', 'finops', 'a@b', 'a b@example.com', `${'a'.repeat(291)}@example.com`])('fails when the address is %j', address => {
    expect(() => makeMonitor({ emails: [address] })).toThrow(`emails has ${JSON.stringify(address)}, which is no address`);
  });

  test('an address of 302 characters is one', () => {
    expect(() => makeMonitor({ emails: [`${'a'.repeat(290)}@example.com`] })).not.toThrow();
  });

  test('fails when an address is there twice, or the list is known at deployment only', () => {
    expect(() => makeMonitor({ emails: ['a@example.com', 'a@example.com'] })).toThrow('emails has "a@example.com" more than once');
    expect(() => makeMonitor({ emails: Token.asList({ Ref: 'Emails' }) })).toThrow('emails is a list that is known at deployment only');
  });
});

describe('the threshold', () => {
  const dimension = (kind: string, amount: string): unknown => (
    { Dimensions: { Key: `ANOMALY_TOTAL_IMPACT_${kind}`, MatchOptions: ['GREATER_THAN_OR_EQUAL'], Values: [amount] } }
  );

  test.each([
    [{}, dimension('ABSOLUTE', '100')],
    [{ thresholdUsd: 0 }, dimension('ABSOLUTE', '0')],
    [{ thresholdUsd: 12.5 }, dimension('ABSOLUTE', '12.5')],
    [{ thresholdPercent: 40 }, dimension('PERCENTAGE', '40')],
    [{ thresholdUsd: 50, thresholdPercent: 40 }, { And: [dimension('ABSOLUTE', '50'), dimension('PERCENTAGE', '40')] }],
  ])('%j', (props, expected) => {
    expect(renderedThreshold(props)).toEqual(expected);
  });

  test.each([[10_000_000_000, true], [10_000_000_001, false], [-1, false], [Number.NaN, false]])('%d: %s', (amount, isAllowed) => {
    const build = (): unknown => makeMonitor({ thresholdUsd: amount, thresholdPercent: amount });
    if (isAllowed) expect(build).not.toThrow();
    else expect(build).toThrow(new RegExp(`thresholdUsd is ${amount}; give a number from 0 to 10000000000[^]*thresholdPercent is ${amount};`));
  });
});

describe('the topic', () => {
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'costalerts.amazonaws.com' },
    Action: 'sns:Publish',
    Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
  };

  test('admits Cost Anomaly Detection once, before any subscription is made', () => {
    const stack = makeStack();
    const topic = new Topic(stack, 'Topic');
    makeMonitor({ topic }, stack);
    new SpendAnomalyMonitor(stack, 'Other', { ...LEAST, scope: AnomalyScope.tag('service'), topic });
    const template = Template.fromStack(stack);
    const [[policyId, { Properties }]] = Object.entries(template.findResources('AWS::SNS::TopicPolicy'));
    expect(Properties.PolicyDocument.Statement).toEqual([expect.objectContaining(statement), expect.objectContaining({ Sid: 'AllowAlarms' })]);
    const subscriptions = Object.values(template.findResources('AWS::CE::AnomalySubscription', { Properties: { Frequency: 'IMMEDIATE' } }));
    expect(subscriptions.map(({ DependsOn }) => DependsOn as string[])).toEqual([[policyId], [policyId]]);
  });

  test('with a key has its key admit Cost Anomaly Detection', () => {
    const stack = makeStack();
    makeMonitor({ topic: new Topic(stack, 'Topic', { masterKey: new Key(stack, 'Key') }) }, stack);
    Template.fromStack(stack).hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ ...statement, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'] })]) },
    });
  });

  // the policy that SNS gives every topic admits alarms, and is replaced by the first statement of another one
  test('still takes alarms of its account', () => {
    const stack = makeStack();
    makeMonitor({ topic: new Topic(stack, 'Topic') }, stack);
    Template.fromStack(stack).hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({
          Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: 'sns:Publish',
          Condition: Match.objectLike({ StringEquals: { 'aws:SourceAccount': '111122223333' } }),
        })]),
      },
    });
  });

  test('with a key that this app does not manage brings a warning', () => {
    const stack = makeStack();
    const masterKey = Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555');
    makeMonitor({ topic: new Topic(stack, 'Topic', { masterKey }) }, stack);
    Annotations.fromStack(stack).hasWarning('/Payer/Monitor', Match.stringLikeRegexp('anomalyTopicKeyNotManaged'));
    Annotations.fromStack(stack).hasNoWarning('/Payer/Monitor', Match.stringLikeRegexp('anomalyTopicPolicyNotManaged'));
  });

  test('that this app does not manage brings a warning', () => {
    Annotations.fromStack(makeMonitor().stack).hasNoWarning('*', Match.anyValue());
    const stack = makeStack();
    makeMonitor({ topic: Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:111122223333:alerts') }, stack);
    Annotations.fromStack(stack).hasWarning('/Payer/Monitor', Match.stringLikeRegexp('anomalyTopicPolicyNotManaged'));
  });
});

describe('bad scopes', () => {
  const schema = new AttributionSchema({
    version: 2,
    keys: [
      AttributionKey.TEAM,
      AttributionKey.of('project', { description: 'What for', carriers: [Carrier.RESOURCE_TAG] }),
      AttributionKey.of('squad', { description: 'Who paid', deprecatedInFavourOf: 'team' }),
    ],
  });

  test.each([
    [AnomalyScope.tag('nothing'), 'the scope has the key "nothing", which is not in the schema; use one of team, project'],
    [AnomalyScope.tag('squad'), 'the scope has the key "squad", which is deprecated in favour of team'],
    [AnomalyScope.tag('project'), 'the scope has the key "project", which rides on no tag of a principal'],
    [AnomalyScope.tag('team', { tagKey: '' }), 'tagKey is empty'],
    [AnomalyScope.tagValues('team', ['a', 'a']), 'values has "a" more than once'],
    [AnomalyScope.tagValues('team', Token.asList({ Ref: 'Values' })), 'values is a list that is known at deployment only'],
    [AnomalyScope.costCategory(''), 'costCategoryName is empty'],
    [AnomalyScope.costCategoryValue('Teams', ''), 'value is empty'],
    [AnomalyScope.accounts(['123']), 'accountIds has "123"; write the twelve digits of the account'],
    [AnomalyScope.accounts(Token.asList({ Ref: 'Accounts' })), 'accountIds is a list that is known at deployment only'],
  ])('fails for %#', (scope, sentence) => {
    expect(() => makeMonitor({ schema, scope })).toThrow(sentence);
  });

  test('fails for a value that the schema does not allow', () => {
    expect(() => makeMonitor({ scope: AnomalyScope.tagValues('team', ['Search']) }))
      .toThrow('values has "Search", which the schema does not allow for team; use one of search, payments');
  });

  test('fails for a tag of resources where the key has none', () => {
    const callers = new AttributionSchema({
      version: 1, keys: [AttributionKey.of('team', { description: 'Who pays', carriers: [Carrier.PRINCIPAL_TAG] })],
    });
    expect(() => makeMonitor({ schema: callers, scope: AnomalyScope.resourceTag('team') })).toThrow('which rides on no tag of a resource');
  });

  test.each([[1, true], [10, true], [0, false], [11, false]])('%i values or accounts: %s', (count, isAllowed) => {
    const values = Array.from({ length: count }, (_, index) => `${100_000_000_000 + index}`);
    for (const [name, scope] of [['values', AnomalyScope.tagValues('service', values)], ['accountIds', AnomalyScope.accounts(values)]] as const) {
      const build = (): unknown => makeMonitor({ scope });
      if (isAllowed) expect(build).not.toThrow();
      else expect(build).toThrow(`${name} has ${count} entries; a monitor takes 1 to 10`);
    }
  });

  test.each([[1, true], [1000, true], [0, false], [1001, false]])('a name of %i characters: %s', (length, isAllowed) => {
    const build = (): unknown => makeMonitor({ monitorName: 'x'.repeat(length) });
    if (isAllowed) expect(build).not.toThrow();
    else expect(build).toThrow(`monitorName has ${length} characters; give 1 to 1000`);
  });

  test('all problems are told together', () => {
    expect(() => makeMonitor({ scope: AnomalyScope.accounts([]), emails: [], thresholdUsd: -1 })).toThrow(/the anomaly monitor has 3 problems/);
  });
});

test.each([['us-east-1', 0], ['eu-west-1', 1]])('in %s: %i warnings', (region, count) => {
  const { stack } = makeMonitor({}, makeStack(region));
  expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('costExplorerRegion'))).toHaveLength(count);
});

test('is nag-clean', () => {
  expect(nagFindings(stack => new SpendAnomalyMonitor(stack, 'Monitor', { ...LEAST, topic: new NotificationTopic(stack, 'Topic') }))).toEqual([]);
});
