import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { NotificationTopic } from '../../lib/invocation-logging';
import { AttributionBudget, BudgetNotification, BudgetPeriod, BudgetScope } from '../../lib/spend-controls';
import { LEAST, makeBudget, makeStack, renderBudget, renderedBudget, type RenderedBudget } from './make-budget';

describe('who is told', () => {
  const amounts = ({ NotificationsWithSubscribers }: RenderedBudget): unknown[] => NotificationsWithSubscribers
    .map(({ Notification: { NotificationType, ThresholdType, Threshold } }) => [NotificationType, ThresholdType, Threshold]);

  test('at 80 and 100 percent of actual spend and at 100 of forecast spend', () => {
    expect(amounts(renderBudget())).toEqual([['ACTUAL', 'PERCENTAGE', 80], ['ACTUAL', 'PERCENTAGE', 100], ['FORECASTED', 'PERCENTAGE', 100]]);
    expect(renderBudget().NotificationsWithSubscribers.map(({ Notification }) => Notification.ComparisonOperator)).toEqual(Array(3).fill('GREATER_THAN'));
  });

  test('a day has no forecast', () => {
    expect(amounts(renderBudget({ period: BudgetPeriod.DAILY }))).toEqual([['ACTUAL', 'PERCENTAGE', 80], ['ACTUAL', 'PERCENTAGE', 100]]);
    expect(() => makeBudget({ period: BudgetPeriod.DAILY, notifications: [BudgetNotification.forecastUsd(1)] })).toThrow('notifications has 1 of a forecast, which AWS does not make for days');
  });

  test('dollars may stand for percents', () => {
    const notifications = [BudgetNotification.actualUsd(0.5), BudgetNotification.forecastUsd(900), BudgetNotification.forecastPercent(120)];
    expect(amounts(renderBudget({ notifications }))).toEqual([['ACTUAL', 'ABSOLUTE_VALUE', 0.5], ['FORECASTED', 'ABSOLUTE_VALUE', 900], ['FORECASTED', 'PERCENTAGE', 120]]);
  });

  test('those of the budget, unless a notification names others', () => {
    const stack = makeStack();
    const [all, boss] = [new Topic(stack, 'All'), new Topic(stack, 'Boss')];
    makeBudget({
      topic: all,
      notifications: [
        BudgetNotification.actualPercent(80),
        BudgetNotification.actualPercent(100, { topic: boss }),
        BudgetNotification.actualPercent(150, { emails: ['cfo@example.com'] }),
      ],
    }, stack);
    expect(renderedBudget(stack).NotificationsWithSubscribers.map(({ Subscribers }) => Subscribers)).toEqual([
      [{ SubscriptionType: 'SNS', Address: stack.resolve(all.topicArn) }, { SubscriptionType: 'EMAIL', Address: 'finops@example.com' }],
      [{ SubscriptionType: 'SNS', Address: stack.resolve(boss.topicArn) }],
      [{ SubscriptionType: 'EMAIL', Address: 'cfo@example.com' }],
    ]);
  });

  test('nobody, when a budget is only to show', () => {
    expect(renderBudget({ notifications: [], emails: undefined }).NotificationsWithSubscribers).toEqual([]);
  });

  test('fails when a notification would tell nobody', () => {
    expect(() => makeBudget({ emails: undefined })).toThrow('3 of the notifications tell nobody; give topic or emails');
    expect(() => makeBudget({ notifications: [BudgetNotification.actualPercent(100, { emails: [] })] })).toThrow('1 of the notifications tell nobody');
  });

  test.each([[10, true], [11, false]])('%i notifications: %s', (count, isAllowed) => {
    const notifications = Array.from({ length: count }, (_, index) => BudgetNotification.actualPercent(index + 1));
    const build = (): AttributionBudget => makeBudget({ notifications });
    if (isAllowed) expect(build).not.toThrow();
    else expect(build).toThrow('notifications has 11 entries; a budget takes 10');
  });

  test('fails when a notification is there twice', () => {
    expect(() => makeBudget({ notifications: [BudgetNotification.actualPercent(80), BudgetNotification.actualPercent(80, { emails: ['a@example.com'] })] }))
      .toThrow('notifications has ACTUAL PERCENTAGE 80 more than once');
    expect(() => makeBudget({ notifications: [BudgetNotification.actualPercent(80), BudgetNotification.actualUsd(80)] })).not.toThrow();
  });

  test.each([[1_000_000, true], [1_000_001, false], [0, false], [Number.NaN, false]])('%d percent: %s', (percent, isAllowed) => {
    const build = (): AttributionBudget => makeBudget({ notifications: [BudgetNotification.actualPercent(percent)] });
    if (isAllowed) expect(build).not.toThrow();
    else expect(build).toThrow(`the threshold of a notification is ${percent} percent; give more than 0 and at most 1000000`);
  });

  test.each([[15e12, true], [15e12 + 1, false], [-5, false]])('%d dollars: %s', (amountUsd, isAllowed) => {
    const build = (): AttributionBudget => makeBudget({ notifications: [BudgetNotification.actualUsd(amountUsd)] });
    if (isAllowed) expect(build).not.toThrow();
    else expect(build).toThrow(`the threshold of a notification is ${amountUsd} US dollars`);
  });

  test.each([[10, true], [11, false]])('%i addresses: %s', (count, isAllowed) => {
    const build = (): AttributionBudget => makeBudget({ emails: Array.from({ length: count }, (_, index) => `a${index}@example.com`) });
    if (isAllowed) expect(build).not.toThrow();
    else expect(build).toThrow('emails has 11 entries; at most 10 are told');
  });

  test.each(['', 'finops', 'a@b@c', 'a b@example.com', 'a@example.com\nb@example.com'])('fails when the address is %j', address => {
    expect(() => makeBudget({ emails: [address] })).toThrow(`emails has ${JSON.stringify(address)}, which is no address`);
  });

  test('fails when an address is there twice', () => {
    expect(() => makeBudget({ emails: ['a@example.com', 'a@example.com'] })).toThrow('emails has "a@example.com" more than once');
  });
});

describe('the topic', () => {
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'budgets.amazonaws.com' },
    Action: 'sns:Publish',
    Condition: {
      StringEquals: { 'aws:SourceAccount': '111122223333' },
      ArnLike: { 'aws:SourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':budgets::111122223333:*']] } },
    },
  };

  test('admits Budgets once, however many budgets tell it', () => {
    const stack = makeStack();
    const topic = new Topic(stack, 'Topic');
    for (const value of ['search', 'payments']) {
      new AttributionBudget(stack, `Budget-${value}`, { ...LEAST, scope: BudgetScope.keyValue('team', value), topic });
    }
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::SNS::TopicPolicy'));
    expect(Properties.PolicyDocument.Statement).toEqual([expect.objectContaining(statement), expect.objectContaining({ Sid: 'AllowAlarms' })]);
  });

  test('that a notification alone tells admits Budgets too', () => {
    const stack = makeStack();
    makeBudget({ notifications: [BudgetNotification.actualPercent(100, { topic: new Topic(stack, 'Topic') })] }, stack);
    Template.fromStack(stack).hasResourceProperties('AWS::SNS::TopicPolicy', { PolicyDocument: { Statement: Match.arrayWith([Match.objectLike(statement)]) } });
  });

  test('with a key has its key admit Budgets', () => {
    const stack = makeStack();
    makeBudget({ topic: new Topic(stack, 'Topic', { masterKey: new Key(stack, 'Key') }) }, stack);
    Template.fromStack(stack).hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ ...statement, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'] })]) },
    });
  });

  // the policy that SNS gives every topic admits alarms, and is replaced by the first statement of another one
  test('still takes alarms of its account and Region', () => {
    const stack = makeStack();
    makeBudget({ topic: new Topic(stack, 'Topic') }, stack);
    Template.fromStack(stack).hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Condition: {
            StringEquals: { 'aws:SourceAccount': '111122223333' },
            ArnLike: { 'aws:SourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':cloudwatch:us-east-1:111122223333:alarm:*']] } },
          },
        })]),
      },
    });
  });

  test('that takes alarms already takes them by one statement', () => {
    const stack = makeStack();
    makeBudget({ topic: new NotificationTopic(stack, 'Topic') }, stack);
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::SNS::TopicPolicy'));
    expect(Properties.PolicyDocument.Statement).toEqual(['AllowPublishThroughSSLOnly', 'AllowAlarms', 'AllowBudgets'].map((Sid): unknown => expect.objectContaining({ Sid })));
  });

  test('with a key that this app does not manage brings a warning', () => {
    const stack = makeStack();
    const masterKey = Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555');
    makeBudget({ topic: new Topic(stack, 'Topic', { masterKey }) }, stack);
    Annotations.fromStack(stack).hasWarning('/Payer/Budget', Match.stringLikeRegexp('let "budgets.amazonaws.com" do "kms:Decrypt".*budgetTopicKeyNotManaged'));
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('budgetTopicPolicyNotManaged'));
  });

  test('that this app does not manage brings a warning', () => {
    const budget = makeBudget();
    Annotations.fromStack(budget.stack).hasNoWarning('*', Match.anyValue());
    const stack = makeStack();
    makeBudget({ topic: Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-west-1:111122223333:alerts') }, stack);
    Annotations.fromStack(stack).hasWarning('/Payer/Budget', Match.stringLikeRegexp('budgetTopicPolicyNotManaged'));
  });

  test('fails when it is in another account', () => {
    const stack = makeStack();
    const topic = Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:444455556666:alerts');
    const sentence = 'topic is in account "444455556666" and the budget in "111122223333"';
    expect(() => makeBudget({ topic }, stack)).toThrow(sentence);
    expect(() => new AttributionBudget(stack, 'Other', { ...LEAST, notifications: [BudgetNotification.actualPercent(1, { topic })] })).toThrow(sentence);
  });
});
