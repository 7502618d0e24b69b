import { App, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AttributionTeamCatalog, type AttributionTeamCatalogProps } from '../../lib/analytics';
import { AttributionKey, AttributionSchema } from '../../lib/schema';
import { nagFindings } from '../nag/nag-findings';
import { makeCatalog } from '../support/make-catalog';

let stack: Stack;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
});

function make(props: Partial<AttributionTeamCatalogProps> = {}): AttributionTeamCatalog {
  return new AttributionTeamCatalog(stack, 'Payments', {
    catalog: props.catalog ?? makeCatalog(stack), value: 'payments', ...props,
  });
}

interface TeamView {
  readonly Name: string;
  readonly Description: string;
  readonly StorageDescriptor: { readonly Columns: { readonly Name: string }[] };
  readonly ViewOriginalText: unknown;
}

/** The views of the team, those of the whole catalog left out. */
function viewsOf(): TeamView[] {
  return Object.entries(Template.fromStack(stack).findResources('AWS::Glue::Table'))
    .filter(([id]) => id.startsWith('Payments'))
    .map(([, { Properties }]) => Properties.TableInput as TeamView);
}

const textOf = ({ ViewOriginalText }: TeamView): string => JSON.stringify(ViewOriginalText);

test('a team has the views of the catalog in a database of its own', () => {
  const team = make();
  expect(viewsOf().map(({ Name }) => Name).sort()).toEqual(['attributed_spend', 'invocation_costs']);
  expect(team.views.map(({ viewName }) => viewName)).toEqual(['attributed_spend', 'invocation_costs']);
  expect(team.databaseRef.databaseName).toBe(team.databaseName);
  Template.fromStack(stack).hasResourceProperties('AWS::Glue::Database', { DatabaseInput: { Name: 'bedrock_cost_payments' } });
});

test('the views have the columns of those that they read, and the rows of the team alone', () => {
  const catalog = makeCatalog(stack);
  make({ catalog });
  const whole = Object.values(Template.fromStack(stack).findResources('AWS::Glue::Table')).map(({ Properties }) => Properties.TableInput as TeamView);
  for (const view of viewsOf()) {
    const [original] = whole.filter(({ Name }) => Name === view.Name);
    expect(view.StorageDescriptor.Columns).toEqual(original.StorageDescriptor.Columns);
    expect(textOf(view)).toContain(`.${view.Name}\\\\nWHERE team = 'payments'`);
    expect(textOf(view)).toContain('"Ref":"Catalog');
  }
});

test('another key may decide, and a value may have quotes', () => {
  make({ keyName: 'service', value: 'd\'or', databaseName: 'gold' });
  for (const view of viewsOf()) expect(textOf(view)).toContain('WHERE service = \'d\'\'or\'');
  Template.fromStack(stack).hasResourceProperties('AWS::Glue::Database', { DatabaseInput: { Name: 'gold' } });
});

test('the name of the database is made of the letters and digits of the value', () => {
  make({ value: 'Search & Ads 2' });
  Template.fromStack(stack).hasResourceProperties('AWS::Glue::Database', { DatabaseInput: { Name: 'bedrock_cost_search___ads_2' } });
});

test('a value that is known at deployment only is taken with a name for its database', () => {
  make({ value: Token.asString({ Ref: 'Team' }), databaseName: Token.asString({ Ref: 'Database' }) });
  expect(viewsOf().every(view => textOf(view).includes('{"Ref":"Team"}'))).toBe(true);
});

test.each<[string, Partial<AttributionTeamCatalogProps>]>([
  ['keyName is "request_id": use one of the keys that dollars are split by, team, service, env', { keyName: 'request_id' }],
  ['value is empty', { value: '' }],
  ['value is known at deployment only', { value: Token.asString({ Ref: 'Team' }) }],
  ['databaseName is "a-b": use 1 to 255', { databaseName: 'a-b' }],
  ['databaseName is "a{256}"', { databaseName: 'a'.repeat(256) }],
])('fails: %s', (message, props) => {
  expect(() => make(props)).toThrow(new RegExp(message));
});

test('fails with a value that the schema does not allow', () => {
  const schema = new AttributionSchema({ version: 1, keys: [AttributionKey.TEAM.withAllowedValues(['payments', 'search'])] });
  expect(() => make({ catalog: makeCatalog(stack, { schema }), value: 'sales' }))
    .toThrow('value is "sales", which the schema does not allow for team: use one of payments, search');
});

test('AwsSolutions finds nothing', () => {
  expect(nagFindings((scope) => {
    new AttributionTeamCatalog(scope, 'Payments', { catalog: makeCatalog(scope), value: 'payments' });
  }).filter(finding => finding.includes('Payments'))).toEqual([]);
});
