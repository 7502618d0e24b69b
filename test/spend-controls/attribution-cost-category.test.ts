import { App, CfnParameter, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { AttributionKey, AttributionSchema, Carrier } from '../../lib/schema';
import { AttributionCostCategory, CostCategoryRule, SplitCharge } from '../../lib/spend-controls';
import { nagFindings } from '../nag/nag-findings';
import { makeCategory, makeStack, renderCategory, type RenderedCategory, renderedCategory, SCHEMA } from './make-cost-category';

/** Tags and values in the order of the rules. */
const order = ({ Rules }: RenderedCategory): unknown[] => Rules.map(({ Value, Rule, InheritedValue }) => (
  [InheritedValue?.DimensionKey ?? Rule?.Tags?.Key ?? Rule?.Dimensions?.Key ?? Rule?.Not?.Tags?.Key ?? Rule?.Not?.Dimensions?.Key, Value]
));

describe('the rules', () => {
  test('of a key without a list inherit what the tags say, the caller first', () => {
    expect(renderCategory({ keyName: 'service' })).toMatchObject({
      Name: 'bedrock-service',
      DefaultValue: 'unattributed',
      RuleVersion: 'CostCategoryExpression.v1',
      Rules: [
        { Type: 'INHERITED_VALUE', InheritedValue: { DimensionName: 'TAG', DimensionKey: 'iamPrincipal/service' } },
        { Type: 'INHERITED_VALUE', InheritedValue: { DimensionName: 'TAG', DimensionKey: 'service' } },
      ],
    });
  });

  test('of a key with a list name each value, and keep every other one out', () => {
    const { Rules } = renderCategory();
    expect(Rules.slice(0, 4)).toEqual([
      { Type: 'REGULAR', Value: 'search', Rule: { Tags: { Key: 'iamPrincipal/team', Values: ['search'], MatchOptions: ['EQUALS'] } } },
      { Type: 'REGULAR', Value: 'payments', Rule: { Tags: { Key: 'iamPrincipal/team', Values: ['payments'], MatchOptions: ['EQUALS'] } } },
      { Type: 'REGULAR', Value: 'shared', Rule: { Tags: { Key: 'iamPrincipal/team', Values: ['shared'], MatchOptions: ['EQUALS'] } } },
      { Type: 'REGULAR', Value: 'unattributed', Rule: { Not: { Tags: { Key: 'iamPrincipal/team', MatchOptions: ['ABSENT'] } } } },
    ]);
    expect(Rules).toHaveLength(8);
  });

  test('of a person inherit the hash, which no list knows', () => {
    const schema = new AttributionSchema({
      version: 1, keys: [AttributionKey.of('person', { description: 'Who', personal: true, allowedValues: ['ada', 'grace'] })],
    });
    expect(renderCategory({ schema, keyName: 'person' }).Rules.map(({ Type }) => Type)).toEqual(['INHERITED_VALUE', 'INHERITED_VALUE']);
  });

  test('fixed ones come last, in the order in which they are given', () => {
    const category = renderCategory({
      keyName: 'service',
      fixedRules: [CostCategoryRule.tag('search', 'Project', ['Atlas']), CostCategoryRule.accounts('tools', ['444455556666'])],
    });
    expect(order(category).slice(-2)).toEqual([['Project', 'search'], ['LINKED_ACCOUNT', 'tools']]);
    expect(category.Rules.at(-1)?.Rule).toEqual({ Dimensions: { Key: 'LINKED_ACCOUNT', Values: ['444455556666'], MatchOptions: ['EQUALS'] } });
  });

  test('a limit on services stands behind the tags of callers', () => {
    expect(order(renderCategory({ keyName: 'service', serviceCodes: ['AmazonBedrock'] })))
      .toEqual([['iamPrincipal/service', undefined], ['SERVICE_CODE', 'unattributed'], ['service', undefined]]);
  });

  test('tags may be spelled otherwise, or left out', () => {
    expect(order(renderCategory({ keyName: 'service', principalTags: ['user:iamPrincipal/service'], resourceTags: [] })))
      .toEqual([['user:iamPrincipal/service', undefined]]);
  });

  test('what is known at deployment only stays a reference', () => {
    const stack = makeStack();
    const account = new CfnParameter(stack, 'Account').valueAsString;
    makeCategory({
      costCategoryName: account, defaultValue: account, serviceCodes: [account],
      fixedRules: [CostCategoryRule.accounts(account, [account])],
      splitCharges: [SplitCharge.fixedShares({ source: account, shares: { search: Token.asNumber({ Ref: 'Share' }) } })],
    }, stack);
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::CE::CostCategory'));
    expect(JSON.stringify(Properties.Rules)).toContain('{"Ref":"Account"}');
    expect(JSON.stringify(Properties.SplitChargeRules)).toContain('{"Ref":"Share"}');
    expect(Properties).toMatchObject({ Name: { Ref: 'Account' }, DefaultValue: { Ref: 'Account' } });
  });
});

describe('split charges', () => {
  test('say whose costs go to whom', () => {
    const splitCharges = [
      SplitCharge.proportional({ source: 'shared', targets: ['search', 'payments'] }),
      SplitCharge.even({ source: 'tools', targets: ['search', 'payments'] }),
      SplitCharge.fixedShares({ source: 'unattributed', shares: { search: 33.3, payments: 66.7 } }),
    ];
    expect(renderCategory({ splitCharges, fixedRules: [CostCategoryRule.services('tools', ['AmazonS3'])] }).SplitChargeRules).toEqual([
      { Source: 'shared', Targets: ['search', 'payments'], Method: 'PROPORTIONAL' },
      { Source: 'tools', Targets: ['search', 'payments'], Method: 'EVEN' },
      {
        Source: 'unattributed', Targets: ['search', 'payments'], Method: 'FIXED',
        Parameters: [{ Type: 'ALLOCATION_PERCENTAGES', Values: ['33.3', '66.7'] }],
      },
    ]);
  });

  test('are left out when there are none', () => {
    expect(renderCategory({ splitCharges: [] })).not.toHaveProperty('SplitChargeRules');
  });

  test.each([
    [[33.33, 33.33, 33.34], true], [[100, 0, 0], false], [[50, 50, -0.1], false], [[50, 50, 0.1], false], [[Number.NaN, 50, 50], false],
  ])(
    'the percentages %j: %s', (percentages, isAllowed) => {
      const [a, b, c] = percentages;
      const splitCharges = [SplitCharge.fixedShares({ source: 'shared', shares: { a, b, c } })];
      const build = (): unknown => makeCategory({ keyName: 'service', splitCharges });
      if (isAllowed) expect(build).not.toThrow();
      else expect(build).toThrow(`the split charge of "shared" has the percentages ${percentages.join(', ')}; give each above 0, and 100 together`);
    },
  );

  test.each([[10, true], [11, false]])('%i of them: %s', (count, isAllowed) => {
    const splitCharges = Array.from({ length: count }, (_, index) => SplitCharge.even({ source: `shared-${index}`, targets: ['a'] }));
    const build = (): unknown => makeCategory({ keyName: 'service', splitCharges });
    if (isAllowed) expect(build).not.toThrow();
    else expect(build).toThrow('splitCharges has 11 entries; a cost category takes 10');
  });

  test.each([[1, true], [500, true], [0, false], [501, false]])('%i targets: %s', (count, isAllowed) => {
    const targets = Array.from({ length: count }, (_, index) => `team-${index}`);
    const build = (): unknown => makeCategory({ keyName: 'service', splitCharges: [SplitCharge.even({ source: 'shared', targets })] });
    if (isAllowed) expect(build).not.toThrow();
    else expect(build).toThrow(`the split charge of "shared" has ${count} targets; give 1 to 500`);
  });

  test.each([
    ['a source that is split twice', [['shared', 'search'], ['shared', 'payments']], 'splitCharges splits "shared" more than once'],
    ['a target that is split', [['shared', 'search'], ['search', 'payments']], 'gives a share of "shared" to "search", which is split itself'],
    ['a source that takes a share of itself', [['shared', 'shared']], 'gives a share of "shared" to "shared", which is split itself'],
    ['a target that is there twice', [['shared', 'search', 'search']], 'has the target "search" more than once'],
    ['a value that the schema does not know', [['shared', 'nobody']], 'splitCharges has "nobody", which is no value of the category; use one of search, payments, shared, unattributed'],
    ['uncategorized costs, which a default leaves none of', [['', 'search']], 'splitCharges has "", which is no value of the category'],
  ])('fails for %s', (_, charges, sentence) => {
    const splitCharges = charges.map(([source, ...targets]) => SplitCharge.even({ source, targets }));
    expect(() => makeCategory({ splitCharges })).toThrow(sentence);
  });

  test('fails when a value cannot be one, though the key lists none', () => {
    expect(() => makeCategory({ keyName: 'service', splitCharges: [SplitCharge.even({ source: 'a/b', targets: ['c'] })] }))
      .toThrow('a value in splitCharges is "a/b"');
  });

  test('fails when the targets are known at deployment only', () => {
    const targets = Token.asList({ Ref: 'Targets' });
    expect(() => makeCategory({ keyName: 'service', splitCharges: [SplitCharge.even({ source: 'shared', targets })] }))
      .toThrow('has targets that are known at deployment only');
  });
});

describe('bad input', () => {
  test.each([['x'.repeat(50), true], ['Ärger im_Büro-2', true], ['x'.repeat(51), false], ['', false], [' a', false], ['a ', false], ['a/b', false]])(
    'the name %j: %s', (name, isAllowed) => {
      const build = (): unknown => makeCategory({ costCategoryName: name });
      if (isAllowed) expect(build).not.toThrow();
      else expect(build).toThrow(`costCategoryName is ${JSON.stringify(name)}; cost categories take 1 to 50 letters`);
      const fixedRules = [CostCategoryRule.accounts(name, ['444455556666'])];
      if (!isAllowed) expect(() => makeCategory({ fixedRules })).toThrow(`the value of a rule is ${JSON.stringify(name)}`);
      if (!isAllowed) expect(() => makeCategory({ defaultValue: name })).toThrow(`defaultValue is ${JSON.stringify(name)}`);
    },
  );

  test.each([
    ['nothing', 'keyName is "nothing", which is not in the schema; use one of team'],
    ['request_id', 'keyName is "request_id", which has no tag by which the bill could tell it'],
  ])('fails for the key %s', (keyName, sentence) => {
    expect(() => makeCategory({ keyName })).toThrow(sentence);
  });

  test('fails for a key that another one replaced', () => {
    const schema = new AttributionSchema({
      version: 2,
      keys: [AttributionKey.TEAM, AttributionKey.of('squad', { description: 'Who paid', deprecatedInFavourOf: 'team' })],
    });
    expect(() => makeCategory({ schema, keyName: 'squad' })).toThrow('keyName is "squad", which is deprecated in favour of team');
  });

  test('fails when both lists of tags are empty, or have an empty tag, or one twice', () => {
    expect(() => makeCategory({ principalTags: [], resourceTags: [] })).toThrow('keyName is "team", which has no tag');
    expect(() => makeCategory({ principalTags: [''] })).toThrow('principalTags is [""]; write each tag as Cost Explorer does');
    expect(() => makeCategory({ resourceTags: Token.asList({ Ref: 'Tags' }) })).toThrow('resourceTags is "a list known at deployment only"');
    expect(() => makeCategory({ principalTags: ['team'] })).toThrow('the tag "team" is given twice');
  });

  test('fails when a value that the schema allows cannot be one of a category, or is the default', () => {
    const schema = AttributionSchema.starter({ teams: ['a.b', 'x'.repeat(51)] });
    expect(() => makeCategory({ schema })).toThrow(/a value that the schema allows for team is "a\.b"[^]*is "x{51}"/);
    expect(() => makeCategory({ defaultValue: 'shared' })).toThrow('defaultValue is "shared", which the schema allows for team');
  });

  test.each([
    [CostCategoryRule.accounts('tools', []), 'the rule for "tools" in fixedRules has []; give ids of accounts'],
    [CostCategoryRule.accounts('tools', ['123']), 'the rule for "tools" in fixedRules has the account "123"; write its twelve digits'],
    [CostCategoryRule.services('tools', ['']), 'the rule for "tools" in fixedRules has [""]; give codes of services'],
    [CostCategoryRule.tag('tools', '', ['a']), 'the rule for "tools" in fixedRules has an empty tag'],
    [CostCategoryRule.tag('tools', 'Project', []), 'the rule for "tools" in fixedRules has []; give values of the tag'],
    [CostCategoryRule.accounts('tools', Token.asList({ Ref: 'Accounts' })), 'has a list that is known at deployment only'],
  ])('fails for the rule %#', (rule, sentence) => {
    expect(() => makeCategory({ fixedRules: [rule] })).toThrow(sentence);
  });

  test('fails when services are limited to none', () => {
    expect(() => makeCategory({ serviceCodes: [] })).toThrow('serviceCodes has []; give codes of services, or leave it out for all of them');
  });

  test.each([[249, true], [250, false]])('%i listed values on two tags: %s', (count, isAllowed) => {
    const schema = AttributionSchema.starter({ teams: Array.from({ length: count }, (_, index) => `team-${index}`) });
    const build = (): unknown => makeCategory({ schema });
    if (isAllowed) expect(build).not.toThrow();
    else expect(build).toThrow('there are 502 rules, but a cost category takes 500');
  });

  test('all problems are told together', () => {
    expect(() => makeCategory({ keyName: 'nothing', costCategoryName: '', defaultValue: 'a/b', serviceCodes: [] }))
      .toThrow(/the cost category has 4 problems/);
  });
});

describe('where it is', () => {
  test.each([['us-east-1', 0], ['cn-northwest-1', 0], ['eu-west-1', 1]])('in %s: %i warnings', (region, count) => {
    const { stack } = makeCategory({}, makeStack(region));
    expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('costExplorerRegion'))).toHaveLength(count);
  });

  test('a Region that is not known at synthesis brings no warning', () => {
    const { stack } = makeCategory({}, new Stack(new App(), 'Agnostic'));
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });
});

test('others find it by name, ARN and reference', () => {
  const category = makeCategory();
  const { stack } = category;
  expect([category.costCategoryName, category.defaultValue]).toEqual(['bedrock-team', 'unattributed']);
  expect(stack.resolve(category.costCategoryRef)).toEqual({ costCategoryArn: stack.resolve(category.costCategoryArn) });
  expect(renderedCategory(stack).Name).toBe(category.costCategoryName);
});

test('one that was made elsewhere is passed through', () => {
  const attrs = { costCategoryName: 'Teams', costCategoryArn: 'arn:aws:ce::111122223333:costcategory/1234' };
  const imported = AttributionCostCategory.fromCostCategoryAttributes(makeStack(), 'Imported', attrs);
  expect(imported).toMatchObject({ ...attrs, costCategoryRef: { costCategoryArn: attrs.costCategoryArn } });
});

test('a key that rides on resources only has rules of resources only', () => {
  const schema = new AttributionSchema({
    version: 1, keys: [AttributionKey.of('team', { description: 'Who pays', carriers: [Carrier.RESOURCE_TAG] })],
  });
  expect(order(renderCategory({ schema }))).toEqual([['team', undefined]]);
});

test('is nag-clean', () => {
  expect(nagFindings(stack => new AttributionCostCategory(stack, 'Category', { schema: SCHEMA, keyName: 'team' }))).toEqual([]);
});
