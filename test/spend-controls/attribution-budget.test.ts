import { App, CfnParameter, Stack, Token } from 'aws-cdk-lib';
import type { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { NotificationTopic } from '../../lib/invocation-logging';
import { bedrockServiceNames } from '../../lib/private/bedrock-services';
import { AttributionKey, AttributionSchema, Carrier } from '../../lib/schema';
import * as spend from '../../lib/spend-controls';
import type { FilterExpression } from '../../lib/spend-controls/filter-expression';
import { nagFindings } from '../nag/nag-findings';
import { isMeant } from './evaluate-filter';
import { LEAST, makeBudget, makeStack, renderBudget, renderedBudget, SCOPE } from './make-budget';

const { AttributionBudget, BudgetAutoAdjust, BudgetCostMetric, BudgetNotification, BudgetPeriod, BudgetScope, UntaggedMatch } = spend;

/** The filter as the construct hands it over, with lower-case names. */
function filterOf(budget: spend.AttributionBudget): FilterExpression {
  const { filterExpression } = (budget.node.defaultChild as CfnBudget).budget as CfnBudget.BudgetDataProperty;
  return filterExpression as FilterExpression;
}

describe('what is counted', () => {
  const [service] = bedrockServiceNames();
  const line = { service, recordType: 'Usage', tags: { 'iamPrincipal/team': 'search' } };

  test('usage of the team, whoever is the resource', () => {
    expect(isMeant(filterOf(makeBudget()), { ...line, tags: { ...line.tags, team: 'payments' } })).toBe(true);
    expect(isMeant(filterOf(makeBudget()), { ...line, tags: { 'iamPrincipal/team': 'payments', 'team': 'search' } })).toBe(false);
    expect(isMeant(filterOf(makeBudget()), { ...line, tags: { team: 'search' } })).toBe(true);
  });

  test.each(['Tax', 'Credit', 'Refund'])('%s does not count in any scope', recordType => {
    for (const one of [SCOPE, BudgetScope.total(), BudgetScope.unattributed('team'), BudgetScope.costCategoryValue('Team', 'search')]) {
      const tags = one === SCOPE ? line.tags : {};
      const usage = { ...line, tags, costCategories: { Team: 'search' } };
      expect(isMeant(filterOf(makeBudget({ scope: one })), usage)).toBe(true);
      expect(isMeant(filterOf(makeBudget({ scope: one })), { ...usage, recordType })).toBe(false);
    }
  });

  test('a cost category counts for lines of Bedrock only', () => {
    const filter = filterOf(makeBudget({ scope: BudgetScope.costCategoryValue('Team', 'search') }));
    expect(isMeant(filter, { ...line, costCategories: { Team: 'payments' } })).toBe(false);
    expect(isMeant(filter, { ...line, service: 'AWS Lambda', costCategories: { Team: 'search' } })).toBe(false);
  });

  test('the filter stands under its metric, and nothing deprecated beside them', () => {
    const { Budget } = renderBudget();
    expect(Budget).toMatchObject({ BudgetType: 'COST', TimeUnit: 'MONTHLY', Metrics: ['UnblendedCost'], BudgetLimit: { Amount: 500, Unit: 'USD' } });
    expect(Object.keys(Budget)).toEqual(expect.not.arrayContaining(['CostFilters', 'CostTypes', 'AutoAdjustData', 'PlannedBudgetLimits']));
    expect(Budget.FilterExpression.And).toContainEqual({
      Not: { Dimensions: { Key: 'RECORD_TYPE', Values: ['Credit', 'Refund', 'Tax'], MatchOptions: ['EQUALS'] } },
    });
  });

  test('lines without a listed value are asked for by the values', () => {
    const schema = AttributionSchema.starter({ teams: ['search', 'payments'] });
    const filter = filterOf(makeBudget({ schema, scope: BudgetScope.unattributed('team') }));
    expect(isMeant(filter, { ...line, tags: {} })).toBe(true);
    expect(isMeant(filter, { ...line, tags: { 'iamPrincipal/team': 'nobody' } })).toBe(true);
    expect(isMeant(filter, { ...line, tags: { team: 'payments' } })).toBe(false);
  });

  test('fails to ask for lines without a value of a key that lists none, and says what to ask instead', () => {
    expect(() => makeBudget({ schema: AttributionSchema.starter(), scope: BudgetScope.unattributed('team') }))
      .toThrow(/the key "team" lists no values.*use BudgetScope\.costCategoryValue\(\)/s);
  });

  test('lines without a tag are asked for as the scope says', () => {
    const texts = Object.values(UntaggedMatch).map(untaggedMatch => (
      JSON.stringify(renderBudget({ scope: BudgetScope.unattributed('team', { untaggedMatch }) }).Budget.FilterExpression)
    ));
    expect(texts[0]).toContain('{"Key":"iamPrincipal/team","MatchOptions":["ABSENT"]}');
    expect(texts[1]).toContain('{"Key":"iamPrincipal/team","MatchOptions":["EQUALS"],"Values":[""]}');
  });

  test('services that are named are added to those that are known, each once and sorted', () => {
    const { serviceNames } = makeBudget({ additionalServiceNames: ['Zeta (Amazon Bedrock Edition)', 'Amazon Bedrock'] });
    expect(serviceNames).toEqual([...bedrockServiceNames(), 'Zeta (Amazon Bedrock Edition)'].sort());
    expect(renderBudget({ scope: BudgetScope.total(), additionalServiceNames: ['Zeta'] }).Budget.FilterExpression.And[0].Dimensions.Values).toContain('Zeta');
  });

  test('a scope that callers alone tell names no services', () => {
    expect(makeBudget({ scope: BudgetScope.keyValue('team', 'search', { resourceTags: [] }) }).serviceNames).toEqual([]);
  });

  test('net cost, a billing view and another period are taken as they are', () => {
    const billingViewArn = 'arn:aws:billing::111122223333:billingview/custom-1';
    expect(renderBudget({ costMetric: BudgetCostMetric.NET_UNBLENDED, billingViewArn, period: BudgetPeriod.QUARTERLY }).Budget)
      .toMatchObject({ Metrics: ['NetUnblendedCost'], BillingViewArn: billingViewArn, TimeUnit: 'QUARTERLY' });
  });
});

describe('the limit', () => {
  test('is left to AWS when it adjusts itself', () => {
    const { Budget } = renderBudget({ limitUsd: undefined, autoAdjust: BudgetAutoAdjust.historical(6) });
    expect(Budget.AutoAdjustData).toEqual({ AutoAdjustType: 'HISTORICAL', HistoricalOptions: { BudgetAdjustmentPeriod: 6 } });
    expect(Budget).not.toHaveProperty('BudgetLimit');
  });

  test('of a forecast looks back nowhere', () => {
    expect(renderBudget({ limitUsd: undefined, autoAdjust: BudgetAutoAdjust.forecast() }).Budget.AutoAdjustData).toEqual({ AutoAdjustType: 'FORECAST' });
  });

  test.each([
    [BudgetPeriod.DAILY, 60], [BudgetPeriod.MONTHLY, 12], [BudgetPeriod.QUARTERLY, 4], [BudgetPeriod.ANNUALLY, 1],
  ])('of %s budgets looks back up to %i periods', (period, most) => {
    const looksBack = (periods: number): spend.AttributionBudget => (
      makeBudget({ limitUsd: undefined, period, autoAdjust: BudgetAutoAdjust.historical(periods) })
    );
    expect(() => looksBack(most)).not.toThrow();
    expect(() => looksBack(most + 1)).toThrow(`autoAdjust looks back ${most + 1} periods; give a whole number from 1 to ${most}`);
    expect(() => looksBack(0)).toThrow('autoAdjust looks back 0 periods');
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('fails when it is %d dollars', limitUsd => {
    expect(() => makeBudget({ limitUsd })).toThrow(`limitUsd is ${limitUsd}; give US dollars above 0`);
  });

  test('fails when there is none, and when there are two', () => {
    expect(() => makeBudget({ limitUsd: undefined })).toThrow('there is no limit; give limitUsd, or autoAdjust');
    expect(() => makeBudget({ autoAdjust: BudgetAutoAdjust.forecast() })).toThrow('limitUsd is 500 beside autoAdjust');
  });
});

describe('the name', () => {
  const nameOf = (props: Partial<spend.AttributionBudgetProps>): string => renderBudget(props).Budget.BudgetName as string;

  test.each([
    [SCOPE, 'Bedrock team=search monthly'],
    [BudgetScope.total(), 'Bedrock total monthly'],
    [BudgetScope.unattributed('team'), 'Bedrock without team monthly'],
    [BudgetScope.costCategoryValue('Cost: team', 'a/b\\c@d.example'), 'Bedrock Cost_ team=a_b_c_d.example monthly'],
  ])('tells what is counted and for how long', (one, beginning) => {
    expect(nameOf({ scope: one })).toMatch(new RegExp(`^${beginning}-[0-9a-f]{8}$`));
  });

  test('has at most 100 characters', () => {
    expect(nameOf({ scope: BudgetScope.costCategoryValue('c'.repeat(300), 'v') })).toHaveLength(100);
    expect(nameOf({ budgetName: 'n'.repeat(91) })).toHaveLength(100);
  });

  // CloudFormation makes the new budget first, and Budgets refuses a name that is taken
  test('changes with all that replaces a budget, and with nothing else', () => {
    const names = [
      {}, { emails: ['other@example.com'] }, { notifications: [BudgetNotification.actualPercent(100)] },
      { limitUsd: undefined, autoAdjust: BudgetAutoAdjust.forecast() }, { limitUsd: undefined, autoAdjust: BudgetAutoAdjust.historical(3) },
    ].map(props => nameOf({ budgetName: 'Team', ...props }));
    expect(new Set(names).size).toBe(names.length);
    expect(nameOf({ budgetName: 'Team', limitUsd: 900, period: BudgetPeriod.QUARTERLY, scope: BudgetScope.total() })).toBe(names[0]);
  });

  test('is unique: the same budget under two ids, or in two stacks, has two', () => {
    const app = new App();
    const names = [['A', 'One'], ['A', 'Two'], ['B', 'One']].map(([stackName, id]) => {
      const stack = app.node.tryFindChild(stackName) as Stack | undefined ?? new Stack(app, stackName);
      return [stack, new AttributionBudget(stack, id, LEAST)] as const;
    }).map(([stack, budget]) => stack.resolve((budget.node.defaultChild as CfnBudget).budget).budgetName as string);
    expect(new Set(names).size).toBe(3);
  });

  test.each(['', 'a:b', 'a\\b', 'a/action/b', '<script>x</script>', 'n'.repeat(92)])('fails when it is %j', budgetName => {
    expect(() => makeBudget({ budgetName })).toThrow(`budgetName is ${JSON.stringify(budgetName)}; use 1 to 91 characters`);
  });
});

describe('tokens', () => {
  test('pass every check and stay what they are', () => {
    const stack = makeStack();
    const text = new CfnParameter(stack, 'Text').valueAsString;
    const number = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
    makeBudget({
      scope: BudgetScope.keyValue('team', text),
      limitUsd: number,
      budgetName: `Team ${text}`,
      emails: [text],
      billingViewArn: text,
      notifications: [BudgetNotification.actualPercent(number), BudgetNotification.actualUsd(number)],
      additionalServiceNames: [text],
      topic: Topic.fromTopicArn(stack, 'Topic', Token.asString({ Ref: 'Text' })),
    }, stack);
    const { Budget, NotificationsWithSubscribers } = renderedBudget(stack);
    expect(Budget).toMatchObject({ BudgetLimit: { Amount: { Ref: 'Number' } }, BillingViewArn: { Ref: 'Text' } });
    expect(Budget.BudgetName).toEqual({ 'Fn::Join': ['', ['Team ', { Ref: 'Text' }, expect.stringMatching(/^-[0-9a-f]{8}$/)]] });
    expect(NotificationsWithSubscribers[0].Notification.Threshold).toEqual({ Ref: 'Number' });
    expect(JSON.stringify(Budget.FilterExpression)).toContain('"Values":[{"Ref":"Text"}]');
  });

  test('look-back periods and cost categories may be tokens too', () => {
    const number = Token.asNumber({ Ref: 'Number' });
    expect(renderBudget({ limitUsd: undefined, autoAdjust: BudgetAutoAdjust.historical(number) }).Budget.AutoAdjustData.HistoricalOptions)
      .toEqual({ BudgetAdjustmentPeriod: { Ref: 'Number' } });
    const text = Token.asString({ Ref: 'Text' });
    expect(renderBudget({ scope: BudgetScope.costCategoryValue(text, text) }).Budget.BudgetName).toMatch(/^Bedrock category=value monthly-/);
  });

  test('fails when a list is known at deployment only as a whole', () => {
    const list = Token.asList({ Ref: 'List' });
    expect(() => makeBudget({ emails: list })).toThrow('emails is a list that is known at deployment only');
    expect(() => makeBudget({ additionalServiceNames: list })).toThrow('additionalServiceNames is a list that is known at deployment only');
  });
});

describe('fails when the scope', () => {
  const logged = new AttributionSchema({
    version: 2,
    keys: [
      AttributionKey.of('team', { description: 'Who pays', pattern: '[a-z]+' }),
      AttributionKey.of('squad_name', { description: 'Who paid', deprecatedInFavourOf: 'team' }),
      AttributionKey.of('feature', { description: 'What for', carriers: [Carrier.REQUEST_METADATA] }),
    ],
  });
  const useTeam = '; use one of team';

  test.each([
    ['tem', `the key "tem" is not in the schema${useTeam}`],
    ['feature', `the key "feature" rides on no tag, so that no bill tells it${useTeam}`],
    ['squad_name', `the key "squad_name" is deprecated in favour of team, which reads it too${useTeam}`],
  ])('has the key %s', (keyName, sentence) => {
    expect(() => makeBudget({ schema: logged, scope: BudgetScope.unattributed(keyName) })).toThrow(sentence);
    expect(() => makeBudget({ schema: logged, scope: BudgetScope.keyValue(keyName, 'search') })).toThrow(sentence);
  });

  test('has a value that the schema forbids, of which no bill tells anything', () => {
    expect(() => makeBudget({ scope: BudgetScope.keyValue('team', 'serach') })).toThrow('got "serach", allowed is one of "search", "payments"');
    expect(() => makeBudget({ schema: logged, scope: BudgetScope.keyValue('team', 'Search') })).toThrow('got "Search", allowed is text that matches [a-z]+');
  });

  test('has a value that none of its carriers can hold', () => {
    const open = AttributionSchema.starter();
    expect(() => makeBudget({ schema: open, scope: BudgetScope.keyValue('team', 'a|b') })).toThrow('principalTags.team: got "a|b"');
    // a tag of a role may have an umlaut, one of a profile may not
    expect(() => makeBudget({ schema: open, scope: BudgetScope.keyValue('team', 'Käufer') })).not.toThrow();
  });

  test('has an empty value, category or tag', () => {
    expect(() => makeBudget({ scope: BudgetScope.keyValue('team', '') })).toThrow('value is ""; give 1 to 1024 characters');
    expect(() => makeBudget({ scope: BudgetScope.costCategoryValue('', '') })).toThrow(/costCategoryName is ""[^]*value is ""/);
    expect(() => makeBudget({ scope: BudgetScope.unattributed('team', { resourceTags: [''] }) })).toThrow('resourceTags has an empty tag');
    expect(() => makeBudget({ scope: BudgetScope.unattributed('team', { principalTags: [], resourceTags: [] }) })).toThrow('the key "team" rides on no tag');
    expect(() => makeBudget({ additionalServiceNames: [''] })).toThrow('an entry of additionalServiceNames is ""');
  });

  test.each([[1024, true], [1025, false]])('has a category of %i characters, unless that is allowed: %s', (length, isAllowed) => {
    const build = (): spend.AttributionBudget => makeBudget({ scope: BudgetScope.costCategoryValue('c'.repeat(length), 'v') });
    if (isAllowed) expect(build).not.toThrow();
    else expect(build).toThrow('costCategoryName is');
  });
});

test('all problems are reported together', () => {
  expect(() => makeBudget({ scope: BudgetScope.total(), limitUsd: 0, budgetName: 'a:b', emails: ['x'], notifications: [BudgetNotification.actualPercent(0)] }))
    .toThrow('the budget has 4 problems:');
});

test('a budget is known by its name', () => {
  const budget = makeBudget();
  const { stack } = budget;
  expect(stack.resolve(budget.budgetName)).toEqual({ Ref: stack.getLogicalId(budget.node.defaultChild as CfnBudget) });
  expect(budget.budgetRef.budgetId).toBe(budget.budgetName);
  expect(stack.resolve(budget.budgetArn)).toEqual({
    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':budgets::111122223333:budget/', stack.resolve(budget.budgetName)]],
  });
});

test('an imported budget is known by the name that is given, which is passed through', () => {
  const stack = makeStack();
  const budget = AttributionBudget.fromBudgetName(stack, 'Imported', 'any:thing');
  expect([budget.budgetName, budget.budgetRef.budgetId]).toEqual(['any:thing', 'any:thing']);
  expect(JSON.stringify(stack.resolve(budget.budgetArn))).toContain(':budgets::111122223333:budget/any:thing');
});

test('nothing is found by cdk-nag', () => {
  expect(nagFindings(stack => {
    const topic = new NotificationTopic(stack, 'Topic', { masterKey: new Key(stack, 'Key', { enableKeyRotation: true }) });
    makeBudget({ topic }, stack);
  })).toEqual([]);
});
