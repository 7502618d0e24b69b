import * as fc from 'fast-check';
import { bedrockServiceNames } from '../../lib/private/bedrock-services';
import { AttributionKey, AttributionSchema, Carrier } from '../../lib/schema';
import { BudgetScope, UntaggedMatch, type BudgetKeyOptions } from '../../lib/spend-controls';
import { billTags } from '../../lib/spend-controls/bill-tags';
import { allOf, dimension, type FilterExpression, not } from '../../lib/spend-controls/filter-expression';
import { depthOf, isMeant, type BillLine } from './evaluate-filter';

const SERVICES = bedrockServiceNames();
const CARRIERS = [Carrier.PRINCIPAL_TAG, Carrier.SESSION_TAG, Carrier.RESOURCE_TAG];

/** A key with one to three tags, which replaced another one with tags of its own; with a list of values, or without. */
const shapes = fc.record({
  carriers: fc.subarray(CARRIERS, { minLength: 1 }),
  formerCarriers: fc.subarray(CARRIERS, { minLength: 1 }),
  sessionTag: fc.constantFrom('team', 'Squad'),
});

function schemaOf({ carriers, formerCarriers, sessionTag }: Shape, allowedValues?: string[]): AttributionSchema {
  const spellings = carriers.includes(Carrier.SESSION_TAG) ? { sessionTag } : {};
  return new AttributionSchema({
    version: 2,
    keys: [
      AttributionKey.of('team', { description: 'Who pays', carriers, spellings, allowedValues }),
      AttributionKey.of('squad_name', { description: 'Who paid', carriers: formerCarriers, deprecatedInFavourOf: 'team', since: 1 }),
    ],
  });
}

type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

const explicit = fc.record({ untaggedMatch: fc.constantFrom(...Object.values(UntaggedMatch)) });

const valuesOf = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,5}$/), { minLength: 1, maxLength: 4 });

/** A value that no list has. */
const UNLISTED = 'Unlisted';

/** Any line of the bill, of Amazon Bedrock or not; only Bedrock tells who called. */
function linesOf(schema: AttributionSchema, values: string[]): fc.Arbitrary<BillLine> {
  const { principal, resource } = billTags(schema, 'team');
  const lineOf = (services: string[], keys: string[]): fc.Arbitrary<BillLine> => fc.record({
    service: fc.constantFrom(...services),
    recordType: fc.constant('Usage'),
    tags: fc.record(Object.fromEntries(keys.map(key => [key, fc.constantFrom(...values)])), { requiredKeys: [] }),
  });
  return fc.oneof(
    { weight: 4, arbitrary: lineOf(SERVICES, [...principal, ...resource, 'other']) },
    { weight: 1, arbitrary: lineOf(['Amazon Simple Storage Service', 'AWS Lambda'], resource) },
  );
}

function filterOf(scope: BudgetScope, schema: AttributionSchema): FilterExpression {
  return allOf(...scope._render(schema, SERVICES).conditions);
}

/** The scopes that cover a key: one of each value and the one of what is left. */
function filtersOf(schema: AttributionSchema, values: string[], options?: BudgetKeyOptions): FilterExpression[] {
  return [...values.map(value => BudgetScope.keyValue('team', value, options)), BudgetScope.unattributed('team', options)]
    .map(scope => filterOf(scope, schema));
}

interface Case {
  readonly schema: AttributionSchema;
  readonly options?: BudgetKeyOptions;
  readonly values: string[];
  readonly line: BillLine;
}

/** A key whose values the schema lists, and a line that may have others. */
const listed: fc.Arbitrary<Case> = fc.record({ shape: shapes, values: valuesOf })
  .map(({ shape, values }) => ({ schema: schemaOf(shape, values), values }))
  .chain(given => linesOf(given.schema, [...given.values, UNLISTED]).map(line => ({ ...given, line })));

/** A key without a list, and a scope that asks outright for lines without a tag. */
const asked: fc.Arbitrary<Case> = fc.record({ shape: shapes, values: valuesOf, options: explicit })
  .map(({ shape, ...others }) => ({ schema: schemaOf(shape), ...others }))
  .chain(given => linesOf(given.schema, given.values).map(line => ({ ...given, line })));

/** A key without a list. */
const open: fc.Arbitrary<Case> = fc.record({ shape: shapes, values: valuesOf })
  .map(({ shape, values }) => ({ schema: schemaOf(shape), values }))
  .chain(given => linesOf(given.schema, given.values).map(line => ({ ...given, line })));

/** The values of the tags of the key on a line, in the order in which they count. */
function valuesOn({ schema, line }: Case): string[] {
  const { principal, resource } = billTags(schema, 'team');
  return [...principal, ...resource].flatMap(key => line.tags[key] ?? []);
}

const isBedrock = ({ line }: Case): boolean => SERVICES.includes(line.service);

test('every line of Bedrock counts in exactly one scope of a key, and no other line in any', () => {
  fc.assert(fc.property(fc.oneof(listed, asked), given => {
    const hits = filtersOf(given.schema, given.values, given.options).filter(filter => isMeant(filter, given.line));
    expect(hits).toHaveLength(isBedrock(given) ? 1 : 0);
  }), { numRuns: 500 });
});

test('the caller wins over the resource, and the name in use over the one that it replaced', () => {
  fc.assert(fc.property(fc.oneof(listed, asked), given => {
    const value = valuesOn(given).find(found => given.values.includes(found));
    fc.pre(value !== undefined && isBedrock(given));
    expect(isMeant(filterOf(BudgetScope.keyValue('team', value, given.options), given.schema), given.line)).toBe(true);
  }));
});

test('the total counts what the scopes of a key count together', () => {
  fc.assert(fc.property(fc.oneof(listed, asked), given => {
    const isInTotal = isMeant(filterOf(BudgetScope.total(), given.schema), given.line);
    expect(isInTotal).toBe(filtersOf(given.schema, given.values, given.options).some(filter => isMeant(filter, given.line)));
  }));
});

test('where no values are listed, a line of Bedrock counts for every value that one of its tags has, and nowhere else', () => {
  fc.assert(fc.property(open, given => {
    for (const value of given.values) {
      const isCounted = isMeant(filterOf(BudgetScope.keyValue('team', value), given.schema), given.line);
      expect(isCounted).toBe(isBedrock(given) && valuesOn(given).includes(value));
    }
  }), { numRuns: 300 });
});

test('no filter asks for what Budgets does not document, unless it is told to', () => {
  fc.assert(fc.property(listed, ({ schema, values }) => {
    const text = JSON.stringify(filtersOf(schema, values));
    expect(text).not.toContain('ABSENT');
    expect(text).not.toContain('[""]');
  }));
});

test('no filter is nested deeper than three operators, the one for the charge types among them', () => {
  fc.assert(fc.property(fc.oneof(listed, asked), ({ schema, values, options }) => {
    for (const scope of [...values.map(value => BudgetScope.keyValue('team', value, options)), BudgetScope.unattributed('team', options)]) {
      const whole = allOf(...scope._render(schema, SERVICES).conditions, not(dimension('RECORD_TYPE', ['Tax'])));
      expect(depthOf(whole)).toBeLessThanOrEqual(3);
    }
  }));
});

test('tags that the caller of this library spells take the place of those of the schema', () => {
  const schema = AttributionSchema.starter();
  const scope = BudgetScope.keyValue('team', 'search', { principalTags: ['iamPrincipal/Team'], resourceTags: [] });
  expect(scope._render(schema, SERVICES)).toEqual({
    conditions: [{ tags: { key: 'iamPrincipal/Team', values: ['search'], matchOptions: ['EQUALS'] } }], serviceNames: [],
  });
});
