import { App, CfnParameter, Duration, NestedStack, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { bedrockServiceNames } from '../../lib/private/bedrock-services';
import { AttributionBudget, BedrockServiceWatch, type BedrockServiceWatchProps, BudgetScope } from '../../lib/spend-controls';
import { nagFindings } from '../nag/nag-findings';
import { LEAST, makeStack } from './make-budget';

let stack: Stack;

beforeEach(() => {
  stack = makeStack();
});

const makeWatch = (props?: BedrockServiceWatchProps, scope = stack): BedrockServiceWatch => new BedrockServiceWatch(scope, 'Watch', props);
const makeTotal = (scope = stack, id = 'Total'): AttributionBudget => new AttributionBudget(scope, id, { ...LEAST, scope: BudgetScope.total() });
const imported = (name = 'by-hand', scope = stack): ReturnType<typeof AttributionBudget.fromBudgetName> =>
  AttributionBudget.fromBudgetName(scope, `Import ${name}`, name);

function templateOf(props?: BedrockServiceWatchProps): Template {
  makeWatch(props);
  return Template.fromStack(stack);
}

/** What a rule sends, with references as they stand in the template. */
function settingsOf(template: Template): Record<string, unknown> {
  const inputs = Object.values(template.findResources('AWS::Events::Rule')).map(rule => (rule.Properties.Targets as { Input: unknown }[])[0].Input);
  expect(inputs[1]).toEqual(inputs[0]);
  const [input] = inputs as (string | { 'Fn::Join': [string, unknown[]] })[];
  const text = typeof input === 'string' ? input : input['Fn::Join'][1]
    .map(part => typeof part === 'string' ? part : JSON.stringify(part).replace(/"/g, '\'')).join('');
  return (JSON.parse(text) as { Settings: Record<string, unknown> }).Settings;
}

/** Statements of the function's role beside those on its log. */
function statementsOf(template: Template): object[] {
  const [role] = Object.values(template.findResources('AWS::IAM::Role', { Properties: { Description: Match.stringLikeRegexp('^Looks for services') } }));
  return (role.Properties.Policies as { PolicyDocument: { Statement: object[] } }[])[0].PolicyDocument.Statement.slice(1);
}

describe('the function', () => {
  test('knows the names of the release, and looks back thirty days', () => {
    expect(settingsOf(templateOf())).toEqual({
      parameterName: expect.stringMatching(/^{'Ref':'WatchParameter/),
      releaseNames: bedrockServiceNames(),
      additionalNames: [],
      ignoredNames: [],
      lookBackDays: '30',
      budgetNames: [],
      extendBudgets: true,
    });
  });

  test('knows everything that it is given', () => {
    const watch = { additionalServiceNames: ['Zeta'], ignoredServiceNames: ['Bedrock for Players'], lookBack: Duration.days(60) };
    expect(settingsOf(templateOf({ ...watch, budgets: [imported()], extendBudgets: false }))).toMatchObject({
      additionalNames: ['Zeta'], ignoredNames: ['Bedrock for Players'], lookBackDays: '60', budgetNames: ['by-hand'], extendBudgets: false,
    });
  });

  test('may ask for names and keep them, no more, where there are no budgets', () => {
    expect(statementsOf(templateOf())).toEqual([
      { Effect: 'Allow', Action: 'ce:GetDimensionValues', Resource: '*' },
      {
        Effect: 'Allow',
        Action: ['ssm:GetParameter', 'ssm:PutParameter'],
        Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ssm:us-east-1:111122223333:parameter', { Ref: expect.stringMatching(/^WatchParameter/) }]] },
      },
    ]);
  });

  test.each([
    ['read and change', undefined, ['budgets:ModifyBudget', 'budgets:ViewBudget']],
    ['read', false, 'budgets:ViewBudget'],
  ])('may %s the budgets that are named, and no other', (_case, extendBudgets, Action) => {
    const budgets = [makeTotal(), imported()];
    const partition = ['arn:', { Ref: 'AWS::Partition' }];
    expect(statementsOf(templateOf({ budgets, extendBudgets }))[2]).toEqual({
      Effect: 'Allow',
      Action,
      Resource: [
        { 'Fn::Join': ['', [...partition, ':budgets::111122223333:budget/', { Ref: expect.stringMatching(/^Total/) }]] },
        { 'Fn::Join': ['', [...partition, ':budgets::111122223333:budget/by-hand']] },
      ],
    });
  });

  test('is not told of a budget whose filter names no service, and has no right to it', () => {
    const byTags = new AttributionBudget(stack, 'Search', { ...LEAST, scope: BudgetScope.keyValue('team', 'search', { resourceTags: [] }) });
    const template = templateOf({ budgets: [byTags] });
    expect(settingsOf(template)).toMatchObject({ budgetNames: [] });
    expect(statementsOf(template)).toHaveLength(2);
  });
});

describe('checks', () => {
  test.each([
    ['once a day by default', undefined, 'rate(1 day)'],
    ['as often as is said', Duration.hours(6), 'rate(6 hours)'],
    ['once a minute at most', Duration.minutes(1), 'rate(1 minute)'],
  ])('run %s', (_case, checkInterval, ScheduleExpression) => {
    templateOf({ checkInterval }).hasResourceProperties('AWS::Events::Rule', { ScheduleExpression });
  });

  test('run after each deployment of the stacks of watch and budgets, whose names are told once', () => {
    const other = new Stack(App.of(stack), 'Budgets', { env: { account: '111122223333', region: 'us-east-1' } });
    const template = templateOf({ budgets: [makeTotal(), makeTotal(other), imported('a', other)] });
    const arn = (end: string): object => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:cloudformation:us-east-1:111122223333:stack/${end}`]] });
    template.hasResourceProperties('AWS::Events::Rule', { EventPattern: {
      'source': ['aws.cloudformation'],
      'detail-type': ['CloudFormation Stack Status Change'],
      'detail': {
        'stack-id': [{ prefix: arn('Payer/') }, arn('Payer'), { prefix: arn('Budgets/') }, arn('Budgets')],
        'status-details': { status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'] },
      },
    } });
  });
});

describe('the parameter', () => {
  test('has the name of the stack, and the names of the release from the first deployment on', () => {
    const parameters = Object.values(templateOf({ additionalServiceNames: ['Zeta'] }).findResources('AWS::SSM::Parameter'));
    expect(parameters.map(({ Properties }) => Properties as object)).toMatchObject([{
      Name: '/bedrock-cost-attribution/bedrock-services/Payer',
      Tier: 'Intelligent-Tiering',
      Value: JSON.stringify({ serviceNames: [...bedrockServiceNames(), 'Zeta'], unknownServiceNames: [] }),
    }]);
  });

  test('has the name that it is given, and is there for others', () => {
    const watch = makeWatch({ parameterName: '/company/bedrock' });
    expect(stack.resolve(watch.parameter.parameterName)).toEqual({ Ref: expect.stringMatching(/^WatchParameter/) });
    Template.fromStack(stack).hasResourceProperties('AWS::SSM::Parameter', { Name: '/company/bedrock' });
  });
});

describe('the alarms', () => {
  const unknown = { Namespace: 'BedrockCostAttribution', MetricName: 'UnknownBedrockServices', Dimensions: [{ Name: 'StackName', Value: 'Payer' }] };

  test('tell of services that nobody has named', () => {
    templateOf().hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...unknown, Statistic: 'Maximum', Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold', TreatMissingData: 'ignore',
      AlarmDescription: Match.stringLikeRegexp('runbooks/new-bedrock-service.md$'),
    });
  });

  test('tell of checks that fail', () => {
    templateOf().hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'Errors', Threshold: 1, TreatMissingData: 'notBreaching', AlarmDescription: Match.stringLikeRegexp('runbooks/service-watch-errors.md$'),
    });
  });

  test.each([
    ['a day', undefined, 49],
    ['ninety minutes', Duration.minutes(90), 5],
  ])('tell of checks that do not run for the time of two, of %s', (_case, checkInterval, EvaluationPeriods) => {
    templateOf({ checkInterval }).hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...unknown, Statistic: 'SampleCount', Period: 3600, EvaluationPeriods, ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching',
    });
  });

  test('tell a topic, which the function may publish to, and all are there for others', () => {
    const topic = new sns.Topic(stack, 'Topic');
    const watch = makeWatch({ topic });
    const template = Template.fromStack(stack);
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [{ Ref: Match.stringLikeRegexp('^Topic') }], OKActions: Match.anyValue() });
    template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { NOTIFICATION_TOPIC_ARN: { Ref: Match.stringLikeRegexp('^Topic') } } } });
    expect(new Set([watch.unknownServicesAlarm, watch.errorAlarm, watch.silenceAlarm].map(alarm => alarm.node.id)).size).toBe(3);
    expect(watch.function.node.id).toBe('Handler');
  });
});

describe('tokens', () => {
  test('pass wherever a value may be given', () => {
    const list = new CfnParameter(stack, 'Names', { type: 'CommaDelimitedList' }).valueAsList;
    const text = new CfnParameter(stack, 'Name').valueAsString;
    const days = Token.asNumber(new CfnParameter(stack, 'Days', { type: 'Number' }).value);
    const template = templateOf({
      additionalServiceNames: list,
      ignoredServiceNames: [text],
      parameterName: text,
      lookBack: Duration.days(days),
      budgets: [AttributionBudget.fromBudgetName(stack, 'Import', text)],
    });
    // the text that the rule sends, once the references are resolved
    const values: Record<string, unknown> = { Names: ['Zeta', 'Eta'], Name: 'given', Days: 7 };
    const resolve = (part: unknown): string => {
      if (typeof part === 'string') return part;
      const { Ref, 'Fn::Join': join } = part as { 'Ref'?: string; 'Fn::Join'?: [string, { Ref: string }] };
      return join === undefined ? String(values[Ref!]) : (values[join[1].Ref] as string[]).join(join[0]);
    };
    const [rule] = Object.values(template.findResources('AWS::Events::Rule', { Properties: { ScheduleExpression: 'rate(1 day)' } }));
    const [{ Input }] = rule.Properties.Targets as { Input: { 'Fn::Join': [string, unknown[]] } }[];
    expect(JSON.parse(Input['Fn::Join'][1].map(resolve).join(''))).toMatchObject({ Settings: {
      additionalNames: ['Zeta\nEta'], ignoredNames: ['given'], lookBackDays: '7', budgetNames: ['given'],
    } });
  });
});

describe('fails', () => {
  test.each<[string, () => BedrockServiceWatchProps, string]>([
    ['on an empty name', () => ({ additionalServiceNames: [''] }), 'additionalServiceNames has ""; give the name of a service'],
    ['on a name with spaces around it', () => ({ ignoredServiceNames: ['Zeta '] }), 'ignoredServiceNames has "Zeta "; give the name of a service'],
    ['on a name that is given twice', () => ({ additionalServiceNames: ['Zeta', 'Zeta'] }), 'additionalServiceNames has "Zeta" twice; give it once'],
    ['on a name that is named and ignored', () => ({ additionalServiceNames: ['Zeta'], ignoredServiceNames: ['Zeta'] }), 'both have "Zeta"; keep it in one of them'],
    ['on ignoring what the release knows', () => ({ ignoredServiceNames: ['Amazon Bedrock'] }), 'ignoredServiceNames has "Amazon Bedrock", which is Amazon Bedrock'],
    ['on an interval of seconds', () => ({ checkInterval: Duration.seconds(59) }), 'checkInterval is 59 seconds; give whole minutes, from one to a day'],
    ['on an interval of broken minutes', () => ({ checkInterval: Duration.seconds(90) }), 'give whole minutes'],
    ['on an interval of more than a day', () => ({ checkInterval: Duration.minutes(1441) }), 'give whole minutes'],
    ['on looking back for hours', () => ({ lookBack: Duration.hours(23) }), 'lookBack is 23 hours; give whole days, from one to 365'],
    ['on looking back for too long', () => ({ lookBack: Duration.days(366) }), 'give whole days'],
    ['on a switch without budgets', () => ({ extendBudgets: true }), 'extendBudgets is true, but there are no budgets; give some, or leave it out'],
    ['on a budget that is given twice', () => {
      const budget = imported();
      return { budgets: [budget, budget] };
    }, 'budgets has Payer/Import by-hand twice; give it once'],
    ['on a budget of another account', () => {
      const other = new Stack(App.of(stack), 'Other', { env: { account: '444455556666', region: 'us-east-1' } });
      return { budgets: [imported('by-hand', other)] };
    }, 'Other/Import by-hand is in account "444455556666" and the watch in "111122223333"; only the account of a budget can change it'],
    ['on more than a rule has room for', () => ({ budgets: Array.from({ length: 100 }, (_, index) => imported(`b${index}`)) }),
      `${bedrockServiceNames().length} names and 100 budgets take up to`],
    ['on an illegal name of a parameter', () => ({ parameterName: 'no path' }), 'parameterName is "no path"'],
  ])('%s', (_case, props, message) => {
    expect(() => makeWatch(props())).toThrow(message);
  });

  test('with all problems together', () => {
    expect(() => makeWatch({ additionalServiceNames: [''], lookBack: Duration.days(400), parameterName: 'no path' }))
      .toThrow(/^the watch of the services of Amazon Bedrock has 3 problems:/);
  });

  test('on a second watch of one stack, also in a nested one', () => {
    makeWatch();
    expect(() => makeWatch({ parameterName: '/other' }, new NestedStack(stack, 'Nested'))).toThrow('Payer/Watch watches the services of the same account');
  });
});

test.each([
  ['intervals of a minute', { checkInterval: Duration.minutes(1) }],
  ['intervals of a day', { checkInterval: Duration.hours(24) }],
  ['a look back of a day', { lookBack: Duration.hours(24) }],
  ['a look back of a year', { lookBack: Duration.days(365) }],
])('takes %s', (_case, props) => {
  expect(() => makeWatch(props)).not.toThrow();
});

test('is clean of findings of AwsSolutions', () => {
  expect(nagFindings(scope => {
    makeWatch({ budgets: [makeTotal(scope)] }, scope);
  })).toEqual([]);
});
