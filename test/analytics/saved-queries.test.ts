import { App, CfnParameter, Lazy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AttributionCatalog, QueryWorkGroup, SavedQueries, type SavedQueriesProps, SavedQuery } from '../../lib/analytics';
import { SAVED_QUERY_NAMES } from '../../lib/analytics/sql/saved-query-files';
import { AttributionKey, AttributionSchema, Carrier } from '../../lib/schema';
import { nagFindings } from '../nag/nag-findings';

interface NamedQuery {
  readonly Database: unknown;
  readonly WorkGroup: unknown;
  readonly Name: unknown;
  readonly Description?: unknown;
  readonly QueryString: string;
}

function makeStack(): Stack {
  return new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
}

function make(stack: Stack, props: Partial<SavedQueriesProps> = {}): SavedQueries {
  return new SavedQueries(stack, 'Saved', {
    catalog: AttributionCatalog.fromDatabaseName(stack, 'Catalog', 'attribution'),
    workGroup: QueryWorkGroup.fromWorkGroupName(stack, 'WorkGroup', 'analysts'),
    schema: AttributionSchema.starter(),
    ...props,
  });
}

/** The queries of a template by their names. */
function saved(props?: Partial<SavedQueriesProps>, stack: Stack = makeStack()): Record<string, NamedQuery> {
  make(stack, props);
  const resources = Object.values(Template.fromStack(stack).findResources('AWS::Athena::NamedQuery')) as { Properties: NamedQuery }[];
  return Object.fromEntries(resources.map(({ Properties }) => [String(Properties.Name), Properties]));
}

function schemaOf(...names: string[]): AttributionSchema {
  return new AttributionSchema({ version: 1, keys: names.map(name => AttributionKey.of(name, { description: 'A key.' })) });
}

const text = (name: string, props?: Partial<SavedQueriesProps>): string => saved({ queries: SavedQuery.all(), ...props })[`bedrock-cost-attribution/${name}`].QueryString;

test('weekly tokens are read from the totals that the ledger keeps', () => {
  expect(text('weekly-tokens')).toContain('FROM usage_daily daily\n');
});

describe('by default', () => {
  test('every query of the package is saved, in the workgroup and for the database of the catalog', () => {
    const queries = saved();
    expect(Object.keys(queries).sort()).toEqual(SAVED_QUERY_NAMES.map(name => `bedrock-cost-attribution/${name}`).sort());
    expect(new Set(Object.values(queries).map(({ Database, WorkGroup }) => `${String(Database)} ${String(WorkGroup)}`))).toEqual(new Set(['attribution analysts']));
  });

  test('the description is the question', () => {
    expect(saved()['bedrock-cost-attribution/silent-regions'].Description).toBe('where is Amazon Bedrock billed and not logged?');
  });

  test('rows are broken down by team and service', () => {
    expect(text('weekly-tokens')).toMatch(/ {2}team,\n {2}service,\n {2}sum\(requests\) AS requests/);
  });

  test('rows are broken down by the first two keys of a schema that has neither team nor service', () => {
    expect(text('weekly-tokens', { schema: schemaOf('product', 'region_owner', 'stage') })).toMatch(/ {2}product,\n {2}region_owner,\n {2}sum/);
  });

  test('nothing of the template of a query is left in it, and periods are counted back from the time of the run', () => {
    for (const { QueryString } of Object.values(saved())) {
      expect(QueryString).not.toMatch(/\{[a-z_]+\}|-- for each|-- end$/m);
      expect(QueryString).toContain(`cast(current_timestamp AT TIME ZONE 'UTC' AS timestamp)`);
    }
  });

  test('a schema without one key to split dollars by has every query all the same', () => {
    const trace = AttributionKey.of('trace', { description: 'A key.', carriers: [Carrier.REQUEST_METADATA] });
    expect(Object.keys(saved({ schema: new AttributionSchema({ version: 1, keys: [trace] }) }))).toHaveLength(SAVED_QUERY_NAMES.length);
  });
});

test('the list of all queries is that of the files, each once', () => {
  expect(SavedQuery.all().map(({ name }) => name).sort()).toEqual([...SAVED_QUERY_NAMES].sort());
});

test('some queries, and one of your own, are saved when they are named', () => {
  const own = SavedQuery.of('tokens-of-a-model', { sql: 'SELECT 1', description: 'Whatever I ask.' });
  const queries = saved({ queries: [SavedQuery.MONEY_IDENTITY, own], namePrefix: 'finops: ' });
  expect(Object.keys(queries).sort()).toEqual(['finops: money-identity', 'finops: tokens-of-a-model']);
  expect(queries['finops: tokens-of-a-model']).toMatchObject({ QueryString: 'SELECT 1', Description: 'Whatever I ask.' });
});

test('a query of your own needs no description', () => {
  expect(saved({ queries: [SavedQuery.of('mine', { sql: 'SELECT 1' })] })['bedrock-cost-attribution/mine'].Description).toBeUndefined();
});

test('rows are broken down by the keys that are named', () => {
  expect(text('daily-spend', { spendKeys: ['team', 'request_id'], breakdownKeys: ['request_id'] })).toContain(`coalesce(request_id_assurance, '') = 'enforced'`);
});

test('names and ids can be asked for', () => {
  const stack = makeStack();
  const queries = make(stack, { queries: [SavedQuery.TOP_GROWTH] });
  expect(queries.queryNames).toEqual(['bedrock-cost-attribution/top-growth']);
  const [id] = Object.keys(Template.fromStack(stack).findResources('AWS::Athena::NamedQuery'));
  expect(stack.resolve(queries.namedQueryIds)).toEqual({ 'top-growth': { 'Fn::GetAtt': [id, 'NamedQueryId'] } });
});

test('a query keeps its logical id when others come and go, and when the workgroup is another one', () => {
  const idsOf = (props: Partial<SavedQueriesProps>): string[] => {
    const stack = makeStack();
    make(stack, props);
    return Object.keys(Template.fromStack(stack).findResources('AWS::Athena::NamedQuery'));
  };
  const [alone] = idsOf({ queries: [SavedQuery.TOP_GROWTH], namePrefix: 'other/' });
  expect(idsOf({})).toContain(alone);
});

test('a catalog and a workgroup of the same stack are made first', () => {
  const stack = makeStack();
  const queries = saved({ workGroup: new QueryWorkGroup(stack, 'Queries'), queries: [SavedQuery.MONEY_IDENTITY] }, stack);
  const [workGroup] = Object.keys(Template.fromStack(stack).findResources('AWS::Athena::WorkGroup'));
  expect(queries['bedrock-cost-attribution/money-identity'].WorkGroup).toEqual({ Ref: workGroup });
});

test('tokens pass: in a prefix, in a statement and in a description', () => {
  const stack = makeStack();
  const prefix = new CfnParameter(stack, 'Prefix').valueAsString;
  const sql = Lazy.string({ produce: () => 'SELECT 2' });
  const description = new CfnParameter(stack, 'Description').valueAsString;
  expect(Object.values(saved({ queries: [SavedQuery.of('mine', { sql, description })], namePrefix: prefix }, stack)))
    .toEqual([expect.objectContaining({ QueryString: 'SELECT 2', Description: { Ref: 'Description' } })]);
});

const own = (fields: { name?: string; sql?: string; description?: string }): SavedQuery =>
  SavedQuery.of(fields.name ?? 'mine', { sql: fields.sql ?? 'SELECT 1', description: fields.description });

test.each<[string, Partial<SavedQueriesProps>]>([
  ['a name of 128 characters with its prefix', { queries: [own({ name: 'x'.repeat(28) })], namePrefix: 'y'.repeat(100) }],
  ['no prefix', { namePrefix: '' }],
  ['a statement of 262,144 bytes', { queries: [own({ sql: `SELECT '${'x'.repeat(262_144 - 9)}'` })] }],
  ['a description of 1,024 characters', { queries: [own({ description: 'x'.repeat(1024) })] }],
  ['a key that is called like a column of a query that is left out', { schema: schemaOf('team', 'growth_usd'), queries: [SavedQuery.DAILY_SPEND] }],
  ['no key to break down by', { breakdownKeys: [] }],
])('passes with %s', (_, props) => {
  expect(Object.keys(saved(props)).length).toBeGreaterThan(0);
});

test.each<[string, Partial<SavedQueriesProps>, RegExp]>([
  ['no query', { queries: [] }, /queries is empty: name one at least/],
  ['two queries of one name', { queries: [SavedQuery.TOP_GROWTH, own({ name: 'top-growth' })] }, /the name "top-growth" is that of two queries/],
  ['a name without characters', { queries: [own({ name: '' })] }, /the name of a query is "": use at least one character/],
  ['a name with a slash', { queries: [own({ name: 'a/b' })] }, /the name of a query is "a\/b": .* and no "\/"/],
  ['a name of 129 characters with its prefix', { queries: [own({ name: 'x'.repeat(29) })], namePrefix: 'y'.repeat(100) }, /has 129 characters: shorten it or namePrefix, 128 are allowed/],
  ['a name that is a token', { queries: [own({ name: Lazy.string({ produce: () => 'x' }) })] }, /the name of a query is a token/],
  ['an empty statement', { queries: [own({ sql: ' ' })] }, /the query "mine" has 1 bytes: use 1 to 262144/],
  ['a statement of 262,145 bytes in fewer characters', { queries: [own({ sql: `SELECT '${'é'.repeat(131_068)}'` })] }, /the query "mine" has 262145 bytes/],
  ['an empty description', { queries: [own({ description: '' })] }, /the description of the query "mine" has 0 characters: use 1 to 1024/],
  ['a description of 1,025 characters', { queries: [own({ description: 'x'.repeat(1025) })] }, /has 1025 characters/],
  ['a spend key that the schema lacks', { spendKeys: ['squad'] }, /spendKeys has "squad": use keys of the schema, which has team, service, env, feature, request_id/],
  ['a breakdown key that splits no dollars', { breakdownKeys: ['request_id'] }, /breakdownKeys has "request_id": use keys of spendKeys, which has team, service, env, feature/],
  ['a breakdown key where none splits dollars', { spendKeys: [], breakdownKeys: ['team'] }, /use keys of spendKeys, which has none/],
  ['a key twice', { breakdownKeys: ['team', 'team'] }, /breakdownKeys has "team" twice/],
  ['a key that is called like a column of a query', { schema: schemaOf('team', 'growth_usd') }, /the query "top-growth" calls a column of its own "growth_usd", as a key of the schema is called/],
])('fails for %s', (_, props, message) => {
  expect(() => saved(props)).toThrow(message);
});

test('fails once for all that is wrong', () => {
  expect(() => saved({ queries: [own({ sql: '' }), own({ description: '' })] })).toThrow(/the list of saved queries has 3 problems/);
});

test('saved queries are clean', () => {
  expect(nagFindings((stack) => { make(stack); })).toEqual([]);
});
