import * as fc from 'fast-check';
import { bedrockServiceNames } from '../../lib/private/bedrock-services';
import { AttributionKey, AttributionSchema, Carrier } from '../../lib/schema';
import { BudgetScope, UntaggedMatch, type BudgetKeyOptions } from '../../lib/spend-controls';
import { billTags } from '../../lib/spend-controls/bill-tags';
import { allOf, type FilterExpression } from '../../lib/spend-controls/filter-expression';
import { depthOf, isMeant, type BillLine } from './evaluate-filter';

const SERVICES = bedrockServiceNames();
const CARRIERS = [Carrier.PRINCIPAL_TAG, Carrier.SESSION_TAG, Carrier.RESOURCE_TAG];

/** A key with one to three tags, which replaced another one with tags of its own. */
const schemas = fc.record({
  carriers: fc.subarray(CARRIERS, { minLength: 1 }),
  formerCarriers: fc.subarray(CARRIERS, { minLength: 1 }),
  sessionTag: fc.constantFrom('team', 'Squad'),
}).map(({ carriers, formerCarriers, sessionTag }) => new AttributionSchema({
  version: 2,
  keys: [
    AttributionKey.of('team', { description: 'Who pays', carriers, spellings: carriers.includes(Carrier.SESSION_TAG) ? { sessionTag } : {} }),
    AttributionKey.of('squad_name', { description: 'Who paid', carriers: formerCarriers, deprecatedInFavourOf: 'team', since: 1 }),
  ],
}));

const optionsOf = fc.record({ untaggedMatch: fc.constantFrom(...Object.values(UntaggedMatch)) }, { requiredKeys: [] });

const valuesOf = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 });

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

const cases = fc.record({ schema: schemas, options: optionsOf, values: valuesOf })
  .chain(given => linesOf(given.schema, given.values).map(line => ({ ...given, line })));

test('every line of Bedrock counts in exactly one scope of a key, and no other line in any', () => {
  fc.assert(fc.property(cases, ({ schema, options, values, line }) => {
    const hits = filtersOf(schema, values, options).filter(filter => isMeant(filter, line));
    expect(hits).toHaveLength(SERVICES.includes(line.service) ? 1 : 0);
  }), { numRuns: 500 });
});

test('the caller wins over the resource, and the name in use over the one that it replaced', () => {
  fc.assert(fc.property(cases, ({ schema, options, line }) => {
    const { principal, resource } = billTags(schema, 'team');
    const value = [...principal, ...resource].flatMap(key => line.tags[key] ?? []).at(0);
    fc.pre(value !== undefined && SERVICES.includes(line.service));
    expect(isMeant(filterOf(BudgetScope.keyValue('team', value, options), schema), line)).toBe(true);
  }));
});

test('the total counts what the scopes of a key count together', () => {
  fc.assert(fc.property(cases, ({ schema, options, values, line }) => {
    const isInTotal = isMeant(filterOf(BudgetScope.total(), schema), line);
    expect(isInTotal).toBe(filtersOf(schema, values, options).some(filter => isMeant(filter, line)));
  }));
});

test('no filter is nested deeper than three operators, the one for the charge types among them', () => {
  fc.assert(fc.property(cases, ({ schema, values, options }) => {
    const whole = filtersOf(schema, values, options).map(filter => allOf(filter, { not: { dimensions: { key: 'RECORD_TYPE', values: ['Tax'] } } }));
    expect(Math.max(...whole.map(depthOf))).toBeLessThanOrEqual(3);
  }));
});

test('tags that the caller of this library spells take the place of those of the schema', () => {
  const schema = AttributionSchema.starter();
  const scope = BudgetScope.keyValue('team', 'search', { principalTags: ['iamPrincipal/Team'], resourceTags: [] });
  expect(scope._render(schema, SERVICES)).toEqual({
    conditions: [{ tags: { key: 'iamPrincipal/Team', values: ['search'], matchOptions: ['EQUALS'] } }], serviceNames: [],
  });
});
