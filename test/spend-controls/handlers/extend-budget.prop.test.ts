import type { Expression, MatchOption } from '@aws-sdk/client-budgets';
import fc from 'fast-check';
import { extendExpression, hasBedrockList, isBedrockName, missingNames, writableBudget } from '../../../lib/spend-controls/handlers/extend-budget.lambda-shared';

const BEDROCK = ['Amazon Bedrock', 'Amazon Bedrock Service', 'Nova (Amazon Bedrock Edition)'];
const NEW = ['Zeta 2 (Amazon Bedrock Edition)', 'Zeta 3 (Amazon Bedrock Edition)'];
const services = fc.subarray([...BEDROCK, 'Amazon Elastic Compute Cloud - Compute', NEW[0]], { minLength: 1 });
const newNames = fc.subarray(NEW);

const list = (Key: 'SERVICE' | 'REGION'): fc.Arbitrary<Expression> => fc.record({
  Dimensions: fc.record({
    Key: fc.constant(Key), Values: services, MatchOptions: fc.constantFrom<MatchOption[]>(['EQUALS'], ['STARTS_WITH']),
  }, { requiredKeys: ['Key', 'Values'] }),
});

const { expression } = fc.letrec<{ expression: Expression }>(tie => ({
  expression: fc.oneof({ depthSize: 'small', withCrossShrink: true },
    list('SERVICE'),
    list('REGION'),
    fc.record({ Tags: fc.record({ Key: fc.constant('team'), Values: services, MatchOptions: fc.constant<MatchOption[]>(['EQUALS']) }) }),
    fc.record({ CostCategories: fc.record({ Key: fc.constant('Team'), Values: services }) }),
    fc.record({ And: fc.array(tie('expression'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ Or: fc.array(tie('expression'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ Not: tie('expression') }),
  ),
}));

/** Whether an expression means a line of a service, in one Region, with a tag. */
function isMeant({ And, Or, Not, Dimensions, Tags, CostCategories }: Expression, line: Record<string, string>): boolean {
  if (And !== undefined) return And.every(inner => isMeant(inner, line));
  if (Or !== undefined) return Or.some(inner => isMeant(inner, line));
  if (Not !== undefined) return !isMeant(Not, line);
  const { Key, Values = [], MatchOptions = [] } = Dimensions ?? Tags ?? CostCategories!;
  return Values.some(value => MatchOptions.includes('STARTS_WITH') ? line[Key!].startsWith(value) : line[Key!] === value);
}

/** Every list of values of an expression, in its order, with what it stands under. */
function listsOf(inner: Expression, path = ''): { path: string; key: string; values: string[] }[] {
  const { And = [], Or = [], Not, Dimensions, Tags, CostCategories } = inner;
  const leaf = Dimensions ?? Tags ?? CostCategories;
  return [
    ...And.flatMap((one, index) => listsOf(one, `${path}/And${index}`)),
    ...Or.flatMap((one, index) => listsOf(one, `${path}/Or${index}`)),
    ...Not === undefined ? [] : listsOf(Not, `${path}/Not`),
    ...leaf === undefined ? [] : [{ path: `${path}/${leaf.MatchOptions?.join() ?? 'none'}`, key: leaf.Key!, values: leaf.Values! }],
  ];
}

describe('an expression that is extended', () => {
  test('keeps all of its parts, and their order: names only come to the end of lists', () => {
    fc.assert(fc.property(expression, newNames, (given, names) => {
      const [before, after] = [listsOf(given), listsOf(extendExpression(given, names))];
      expect(after.map(({ path, key }) => [path, key])).toEqual(before.map(({ path, key }) => [path, key]));
      after.forEach(({ values }, index) => {
        expect(values.slice(0, before[index].values.length)).toEqual(before[index].values);
        expect(new Set(values).size).toBe(values.length);
      });
    }));
  });

  test('is itself when it is extended again, and lacks nothing then', () => {
    fc.assert(fc.property(expression, newNames, (given, names) => {
      const once = extendExpression(given, names);
      expect(extendExpression(once, names)).toEqual(once);
      expect(missingNames(once, names)).toEqual([]);
    }));
  });

  test('differs exactly when something is missing', () => {
    fc.assert(fc.property(expression, newNames, (given, names) => {
      const isSame = JSON.stringify(extendExpression(given, names)) === JSON.stringify(given);
      expect(isSame).toBe(missingNames(given, names).length === 0);
    }));
  });

  test('changes lists of services that have a service of Bedrock, are compared by equality and are not negated, and no other', () => {
    fc.assert(fc.property(expression, given => {
      const after = listsOf(extendExpression(given, NEW));
      listsOf(given).forEach(({ path, key, values }, index) => {
        const isNegated = (path.match(/Not/g) ?? []).length % 2 === 1;
        const isExtended = key === 'SERVICE' && !isNegated && !path.endsWith('STARTS_WITH') && values.some(isBedrockName);
        expect(after[index].values).toEqual(isExtended ? [...values, ...NEW.filter(name => !values.includes(name))] : values);
      });
    }));
  });

  test('means every line that it meant before', () => {
    const line = fc.record({
      SERVICE: fc.constantFrom(...BEDROCK, ...NEW, 'other'), REGION: fc.constantFrom(...BEDROCK, ...NEW), team: fc.constantFrom(...BEDROCK), Team: fc.constantFrom(...NEW),
    });
    fc.assert(fc.property(expression, newNames, line, (given, names, one) => {
      if (isMeant(given, one)) expect(isMeant(extendExpression(given, names), one)).toBe(true);
    }));
  });

  test('is not changed in place', () => {
    fc.assert(fc.property(expression, given => {
      const text = JSON.stringify(given);
      extendExpression(given, NEW);
      expect(JSON.stringify(given)).toBe(text);
    }));
  });
});

describe('a list under a negation', () => {
  const services = { Dimensions: { Key: 'SERVICE' as const, Values: ['Amazon Bedrock'] } };

  test.each<[string, Expression, boolean]>([
    ['no negation is extended', services, true],
    ['one negation stays, for it takes spend out of the budget', { Not: services }, false],
    ['two negations is extended', { Not: { And: [{ Not: services }] } }, true],
  ])('under %s', (_case, given, isExtended) => {
    expect(hasBedrockList(given)).toBe(isExtended);
    expect(missingNames(given, NEW)).toEqual(isExtended ? NEW : []);
  });
});

describe('a budget that is sent back', () => {
  const base = { BudgetName: 'b', TimeUnit: 'MONTHLY', BudgetType: 'COST' } as const;
  const limit = { Amount: '1', Unit: 'USD' };

  test('has nothing that only AWS sets, nor filters of the former kind', () => {
    const wanted = { ...base, BudgetLimit: limit, Metrics: ['UnblendedCost' as const], BillingViewArn: 'view' };
    const reported = { CalculatedSpend: { ActualSpend: limit }, LastUpdatedTime: new Date(0), HealthStatus: { Status: 'HEALTHY' as const } };
    const former = { CostFilters: {}, CostTypes: {} };
    expect(writableBudget({ ...wanted, ...reported, ...former })).toEqual(wanted);
  });

  test('has planned limits, or the one limit, not both', () => {
    const PlannedBudgetLimits = { 1767225600: limit };
    expect(writableBudget({ ...base, BudgetLimit: limit, PlannedBudgetLimits })).toEqual({ ...base, PlannedBudgetLimits });
    expect(writableBudget({ ...base, BudgetLimit: limit, PlannedBudgetLimits: {} })).toEqual({ ...base, BudgetLimit: limit });
  });

  test.each([
    ['history', { AutoAdjustType: 'HISTORICAL' as const, HistoricalOptions: { BudgetAdjustmentPeriod: 3 } }],
    ['forecast', { AutoAdjustType: 'FORECAST' as const }],
  ])('leaves the limit to AWS where that sets it by %s, and what AWS has computed', (_case, AutoAdjustData) => {
    const reported = {
      ...AutoAdjustData,
      LastAutoAdjustTime: new Date(0),
      ...'HistoricalOptions' in AutoAdjustData && { HistoricalOptions: { ...AutoAdjustData.HistoricalOptions, LookBackAvailablePeriods: 2 } },
    };
    expect(writableBudget({ ...base, BudgetLimit: limit, AutoAdjustData: reported })).toEqual({ ...base, AutoAdjustData });
  });
});

test.each([
  ['Zeta (Amazon Bedrock Edition)', true],
  ['AMAZON BEDROCK', true],
  ['bedrock', true],
  ['Amazon Bed Rock', false],
])('%s is a name of Bedrock: %s', (name, isBedrock) => {
  expect(isBedrockName(name)).toBe(isBedrock);
});
