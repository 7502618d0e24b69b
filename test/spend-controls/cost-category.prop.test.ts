import * as fc from 'fast-check';
import { AttributionKey, AttributionSchema, Carrier } from '../../lib/schema';
import { CostCategoryRule } from '../../lib/spend-controls';
import { billTags } from '../../lib/spend-controls/bill-tags';
import { type Expression, renderCategory, type RenderedCategory } from './make-cost-category';

interface Line {
  readonly account: string;
  readonly serviceCode: string;
  readonly tags: Record<string, string | undefined>;
}

/** The value of a line, in the way that AWS documents rules: the first that fits decides, and the default is for lines that none fits. */
function valueOf({ Rules, DefaultValue }: RenderedCategory, line: Line): string {
  for (const { Type, Value, Rule, InheritedValue } of Rules) {
    if (Type === 'INHERITED_VALUE' && InheritedValue !== undefined) {
      const inherited = line.tags[InheritedValue.DimensionKey];
      if (inherited !== undefined) return inherited;
    } else if (Value !== undefined && Rule !== undefined) {
      if (fits(Rule, line)) return Value;
    } else {
      throw new Error(`a rule of the type ${Type} lacks what it needs`);
    }
  }
  return DefaultValue;
}

function fits({ Not, Tags, Dimensions }: Expression, line: Line): boolean {
  if (Not !== undefined) return !fits(Not, line);
  if (Tags?.MatchOptions.includes('ABSENT') === true) return line.tags[Tags.Key] === undefined;
  if (Tags !== undefined) return Tags.Values?.includes(line.tags[Tags.Key] ?? '') === true;
  if (Dimensions === undefined) throw new Error('an expression has no root');
  return Dimensions.Values?.includes(Dimensions.Key === 'LINKED_ACCOUNT' ? line.account : line.serviceCode) === true;
}

const CARRIERS = [Carrier.PRINCIPAL_TAG, Carrier.SESSION_TAG, Carrier.RESOURCE_TAG];
const ALLOWED = ['search', 'payments', 'Search'];
const TAG_VALUES = [...ALLOWED, 'SEARCH', 'someone', 'shared'];
const FIXED = [CostCategoryRule.accounts('shared', ['111111111111']), CostCategoryRule.services('tools', ['AmazonS3'])];
const SERVICES = ['AmazonBedrock', '7zgyu5r4opaque', 'AmazonS3'];

const schemas = fc.record({
  allowedValues: fc.option(fc.constant(ALLOWED), { nil: undefined }),
  carriers: fc.subarray(CARRIERS, { minLength: 1 }),
  formerCarriers: fc.subarray(CARRIERS, { minLength: 1 }),
}).map(({ allowedValues, carriers, formerCarriers }) => new AttributionSchema({
  version: 2,
  keys: [
    AttributionKey.of('team', { description: 'Who pays', carriers, allowedValues }),
    AttributionKey.of('squad_name', { description: 'Who paid', carriers: formerCarriers, deprecatedInFavourOf: 'team' }),
  ],
}));

/** Few categories are different, and each takes a while to synthesize. */
const RENDERED = new Map<string, RenderedCategory>();

function rendered(schema: AttributionSchema, serviceCodes: string[] | undefined): RenderedCategory {
  const id = JSON.stringify([schema.toJson(), serviceCodes]);
  const category = RENDERED.get(id) ?? renderCategory({ schema, serviceCodes, fixedRules: FIXED });
  RENDERED.set(id, category);
  return category;
}

/** A category over any schema, and any line of the bill; only Bedrock tells who called. */
const cases = fc.record({ schema: schemas, serviceCodes: fc.option(fc.constant<string[]>(['AmazonBedrock']), { nil: undefined }) })
  .chain(({ schema, serviceCodes }) => {
    const { principal, resource } = billTags(schema, 'team');
    const category = rendered(schema, serviceCodes);
    const tagsOf = (keys: string[]): fc.Arbitrary<Line['tags']> => (
      fc.record(Object.fromEntries(keys.map(key => [key, fc.constantFrom(...TAG_VALUES)])), { requiredKeys: [] })
    );
    return fc.constantFrom(...SERVICES).chain(serviceCode => fc.record({
      schema: fc.constant(schema),
      category: fc.constant(category),
      isListedService: fc.constant(serviceCodes?.includes(serviceCode) ?? true),
      line: fc.record({
        account: fc.constantFrom('111111111111', '222222222222'),
        serviceCode: fc.constant(serviceCode),
        tags: tagsOf(serviceCode === 'AmazonS3' ? resource : [...principal, ...resource]),
      }),
    }));
  });

/** What the ledger says of a line, written the other way round: from the line to its value. */
function expected({ tags, account, serviceCode }: Line, schema: AttributionSchema, isListedService: boolean): string {
  const { principal, resource } = billTags(schema, 'team');
  const seen = isListedService ? [...principal, ...resource] : principal;
  const told = seen.map(key => tags[key]).find(value => value !== undefined);
  const allowed = schema.key('team')?.allowedValues;
  if (told !== undefined) return allowed === undefined || allowed.includes(told) ? told : 'unattributed';
  if (!isListedService) return 'unattributed';
  return account === '111111111111' ? 'shared' : serviceCode === 'AmazonS3' ? 'tools' : 'unattributed';
}

test('the caller wins over the resource, the resource over what is fixed, and that over the default', () => {
  fc.assert(fc.property(cases, ({ schema, category, isListedService, line }) => {
    expect(valueOf(category, line)).toBe(expected(line, schema, isListedService));
  }), { numRuns: 1000 });
});

test('a value that the schema does not allow is never a value of the category', () => {
  fc.assert(fc.property(cases, ({ schema, category, line }) => {
    fc.pre(schema.key('team')?.allowedValues !== undefined);
    expect([...ALLOWED, 'shared', 'tools', 'unattributed']).toContain(valueOf(category, line));
    const told = Object.values(line.tags);
    if (told.length > 0 && told.every(value => value === 'someone' || value === 'SEARCH')) {
      expect(ALLOWED).not.toContain(valueOf(category, line));
    }
  }), { numRuns: 1000 });
});

test('no line of Bedrock is lost for the code of its service', () => {
  const category = renderCategory();
  fc.assert(fc.property(fc.constantFrom('team', 'iamPrincipal/team'), fc.constantFrom(...SERVICES), (tag, serviceCode) => {
    expect(valueOf(category, { account: '222222222222', serviceCode, tags: { [tag]: 'search' } })).toBe('search');
  }));
});
