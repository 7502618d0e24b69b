import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AthenaView, AttributionCatalog, type AthenaViewProps } from '../../lib/analytics';
import { nagFindings } from '../nag/nag-findings';

interface ViewInput {
  readonly Name: string;
  readonly TableType: string;
  readonly Parameters: Record<string, string>;
  readonly StorageDescriptor: { readonly Columns: { readonly Name: string; readonly Type: string }[]; readonly SerdeInfo: object };
  readonly ViewOriginalText: { readonly 'Fn::Join': [string, [string, { 'Fn::Base64': unknown }, string]] };
  readonly ViewExpandedText: string;
}

const makeStack = (): Stack => new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });

function make(stack: Stack, props: Partial<AthenaViewProps> = {}): AthenaView {
  return new AthenaView(stack, 'View', {
    database: AttributionCatalog.fromDatabaseName(stack, 'Catalog', 'costs'),
    viewName: 'spend',
    sql: `SELECT 'a' AS team, map(ARRAY['k'], ARRAY['v']) AS tags, 1e0 AS usd`,
    columns: [{ name: 'team', type: 'string' }, { name: 'tags', type: 'map<string,string>' }, { name: 'usd', type: 'double' }],
    ...props,
  });
}

function input(stack: Stack): ViewInput {
  const [table] = Object.values(Template.fromStack(stack).findResources('AWS::Glue::Table'));
  return table.Properties.TableInput as ViewInput;
}

/** What Athena finds in the text of a view. */
function definition(view: ViewInput): { originalSql: string; catalog: string; schema: string; columns: { name: string; type: string }[] } {
  const [, [, { 'Fn::Base64': text }]] = view.ViewOriginalText['Fn::Join'];
  return JSON.parse(text as string) as ReturnType<typeof definition>;
}

test('a view is kept as Athena keeps it', () => {
  const stack = makeStack();
  make(stack);
  const view = input(stack);
  expect(view).toMatchObject({ Name: 'spend', TableType: 'VIRTUAL_VIEW', Parameters: { presto_view: 'true' }, ViewExpandedText: '/* Presto View */' });
  const [delimiter, [head, , tail]] = view.ViewOriginalText['Fn::Join'];
  expect([delimiter, head, tail]).toEqual(['', '/* Presto View: ', ' */']);
  expect(definition(view)).toMatchObject({ catalog: 'awsdatacatalog', schema: 'costs', originalSql: expect.stringContaining('SELECT') });
});

test.each([
  ['string', 'varchar'],
  ['int', 'integer'],
  ['bigint', 'bigint'],
  ['float', 'real'],
  ['double', 'double'],
  ['boolean', 'boolean'],
  ['date', 'date'],
  ['binary', 'varbinary'],
  ['timestamp', 'timestamp(3)'],
  ['decimal(20,10)', 'decimal(20,10)'],
  ['varchar(20)', 'varchar(20)'],
  ['map<string,string>', 'map(varchar,varchar)'],
  ['map<string,array<int>>', 'map(varchar,array(integer))'],
  ['struct<a:string,b:map<string,double>>', 'row(a varchar,b map(varchar,double))'],
])('a column of the type %s is %s in SQL', (type, sqlType) => {
  const stack = makeStack();
  make(stack, { columns: [{ name: 'one', type }] });
  const view = input(stack);
  expect(view.StorageDescriptor.Columns).toEqual([{ Name: 'one', Type: type }]);
  expect(definition(view).columns).toEqual([{ name: 'one', type: sqlType }]);
});

test('names that are known at deployment only reach the text of the view', () => {
  const stack = makeStack();
  const bucket = new CfnParameter(stack, 'Bucket');
  make(stack, { sql: `SELECT '${bucket.valueAsString}' AS bucket`, columns: [{ name: 'bucket', type: 'string' }] });
  const [, [, { 'Fn::Base64': text }]] = input(stack).ViewOriginalText['Fn::Join'];
  expect(JSON.stringify(text)).toContain('{"Ref":"Bucket"}');
  expect(JSON.stringify(text)).not.toContain('Token[');
});

test('a query may begin with comments and with WITH', () => {
  expect(() => make(makeStack(), { sql: '-- Question: what?\n-- Output: one\nWITH a AS (SELECT 1 AS one) SELECT * FROM a' })).not.toThrow();
});

test('a name that is known at deployment only passes', () => {
  const stack = makeStack();
  expect(() => make(stack, { viewName: new CfnParameter(stack, 'Name').valueAsString })).not.toThrow();
});

test.each([
  ['an upper-case name', { viewName: 'Spend' }, 'viewName is "Spend": use 1 to 255 lower-case letters, digits and underscores'],
  ['a name of 256 characters', { viewName: 'a'.repeat(256) }, 'viewName is "aaa'],
  ['another statement', { sql: 'DROP TABLE a' }, 'sql begins with "DROP TABLE a": use one SELECT'],
  ['a semicolon', { sql: 'SELECT 1 AS one;' }, 'sql ends with a semicolon: leave it out'],
  ['a text that Glue does not keep', { sql: `SELECT '${'a'.repeat(307_200)}' AS one` }, 'in Base64: use at most 409600'],
  ['a description of 2049 characters', { description: 'a'.repeat(2049) }, 'description has 2049 characters: use at most 2048'],
  ['no column', { columns: [] }, 'columns is empty: name what the query answers with'],
  ['an upper-case column', { columns: [{ name: 'One', type: 'string' }] }, 'columns[0].name is "One": use lower case'],
  ['a column twice', { columns: [{ name: 'one', type: 'string' }, { name: 'one', type: 'int' }] }, 'columns has "one" twice: keep one'],
  ['a type of SQL', { columns: [{ name: 'one', type: 'varchar' }] }, 'columns[0].type is "varchar": use the type of a table\'s column'],
  ['a map of SQL', { columns: [{ name: 'one', type: 'map(string,string)' }] }, 'columns[0].type is "map(string,string)"'],
])('fails for %s', (_, props, message) => {
  expect(() => make(makeStack(), props)).toThrow(message);
});

test.each([
  ['a name of 255 characters', { viewName: 'a'.repeat(255) }],
  ['a description of 2048 characters', { description: 'a'.repeat(2048) }],
])('takes %s', (_, props) => {
  expect(() => make(makeStack(), props)).not.toThrow();
});

test('fails with all problems at once', () => {
  expect(() => make(makeStack(), { viewName: 'A', sql: 'DROP', columns: [] })).toThrow('the view has 3 problems');
});

test('a view is clean', () => {
  expect(nagFindings(stack => make(stack))).toEqual([]);
});
