import { App, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import {
  AnalystData, AttributionAnalystRole, AttributionTeamCatalog, type AttributionTeamCatalogProps, QueryWorkGroup, TeamRows, UsageLedger,
} from '../../lib/analytics';
import { AttributionKey, AttributionSchema } from '../../lib/schema';
import { nagFindings } from '../nag/nag-findings';
import { isAllowed, type Statement } from '../support/evaluate-policy';
import { makeCatalog } from '../support/make-catalog';

let stack: Stack;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
});

function make(props: Partial<AttributionTeamCatalogProps> = {}, id = 'Payments'): AttributionTeamCatalog {
  return new AttributionTeamCatalog(stack, id, {
    catalog: props.catalog ?? makeCatalog(stack), value: 'payments', rows: TeamRows.VIEWS, ...props,
  });
}

/** A team with copies, which a ledger makes. */
function makeCopied(props: Partial<AttributionTeamCatalogProps> = {}): { team: AttributionTeamCatalog; ledger: UsageLedger } {
  const team = make({ rows: undefined, ...props });
  const workGroup = new QueryWorkGroup(stack, 'Queries');
  return { team, ledger: new UsageLedger(stack, 'Ledger', { catalog: team.catalog, workGroup, teamCatalogs: [team] }) };
}

/** What a role may do by its own policy. */
function permissionsOf(id: string): Statement[] {
  const roles = Template.fromStack(stack).findResources('AWS::IAM::Role');
  const [{ Properties }] = Object.entries(roles).filter(([name]) => name.startsWith(id)).map(([, role]) => role);
  const [policy] = Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[];
  return JSON.parse(JSON.stringify(policy.PolicyDocument.Statement)
    .replaceAll(`{"Ref":"${refOf('Payments')}"}`, '"bedrock_cost_payments"').replaceAll(`{"Ref":"${refOf('Catalog')}"}`, '"bedrock_cost_attribution"')
    .replace(/\{"Fn::Join":\["",\[("[^\]]*)\]\]\}/g, (_, parts: string) => joined(parts))) as Statement[];
}

/** The text that `Fn::Join` makes of its parts. */
function joined(parts: string): string {
  return JSON.stringify((JSON.parse(`[${parts.replaceAll('{"Ref":"AWS::Partition"}', '"aws"')}]`) as string[]).join(''));
}

function refOf(id: string): string {
  const databases = Template.fromStack(stack).findResources('AWS::Glue::Database');
  return Object.keys(databases).find(name => name.startsWith(id)) ?? '';
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

test('a team may have the views of the catalog in a database of its own', () => {
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

describe('copies', () => {
  const glue = (resource: string): string => `arn:aws:glue:us-east-1:111122223333:${resource}`;
  const file = (path: string): string => `arn:aws:s3:::example-ledger/${path}`;

  test('are what a team has unless it asks for views, which then there are none of', () => {
    const { team } = makeCopied();
    expect(team.rows).toBe(TeamRows.COPIES);
    expect(team.views).toEqual([]);
    expect(viewsOf()).toEqual([]);
  });

  test('are made by the ledger in the database and the folder of the team', () => {
    makeCopied({ value: `d'or`, databaseName: 'gold' });
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'));
    const definition = JSON.stringify(Properties.DefinitionString);
    expect(definition).toContain('s3://example-ledger/ledger/teams/gold/');
    expect(definition).toContain(`'d''or'`);
  });

  test('are all that the role of the team can read', () => {
    const { team } = makeCopied();
    new AttributionAnalystRole(stack, 'Analysts', {
      assumedBy: new iam.AccountPrincipal('444455556666'),
      principalTags: { team: 'payments' },
      workGroups: [new QueryWorkGroup(stack, 'OfTeam')],
      catalogs: [team],
      data: [AnalystData.team(team)],
    });
    const may = (action: string, resource: string): boolean => isAllowed(permissionsOf('Analysts'), [{ action, resource, context: {} }]);
    expect(may('glue:GetTable', glue('table/bedrock_cost_payments/attributed_spend'))).toBe(true);
    expect(may('s3:GetObject', file('ledger/teams/bedrock_cost_payments/attributed_spend/data/a.parquet'))).toBe(true);
    expect(may('s3:GetObject', file('ledger/teams/bedrock_cost_payments_emea/attributed_spend/data/a.parquet'))).toBe(false);
    expect(may('s3:GetObject', file('ledger/spend_daily/data/a.parquet'))).toBe(false);
    expect(may('s3:GetObject', file('dimensions/price_book/a.json'))).toBe(false);
    expect(may('glue:GetTable', glue('table/bedrock_cost_attribution/attributed_spend'))).toBe(false);
  });

  test('are made with rights of the ledger on the database of the team', () => {
    makeCopied();
    const may = (action: string, resource: string): boolean => isAllowed(permissionsOf('LedgerRole'), [{ action, resource, context: {} }]);
    for (const action of ['glue:GetTable', 'glue:CreateTable', 'glue:UpdateTable']) {
      expect(may(action, glue('table/bedrock_cost_payments/attributed_spend'))).toBe(true);
      expect(may(action, glue('table/bedrock_cost_search/attributed_spend'))).toBe(false);
    }
    expect(may('s3:PutObject', file('ledger/teams/bedrock_cost_payments/usage_daily/data/a.parquet'))).toBe(true);
  });

  test('behind views, the files of the whole ledger are what a team needs', () => {
    const catalog = makeCatalog(stack);
    const { _folders } = AnalystData.team(make({ catalog }));
    expect(_folders).toEqual(AnalystData.ledger(catalog.store)._folders);
  });

  test('fails when no ledger makes them', () => {
    make({ rows: TeamRows.COPIES });
    expect(() => Template.fromStack(stack)).toThrow(/no UsageLedger makes the copies of this team.*teamCatalogs/);
  });

  test.each<[string, Partial<AttributionTeamCatalogProps>]>([
    ['of a value that is known at deployment only', { value: Token.asString({ Ref: 'Team' }), databaseName: 'team' }],
    ['in a database whose name is known at deployment only', { databaseName: Token.asString({ Ref: 'Database' }) }],
  ])('fails: %s', (_case, props) => {
    expect(() => make({ rows: TeamRows.COPIES, ...props })).toThrow('value or databaseName is known at deployment only');
  });

  test('fails: a ledger that is to copy views, a catalog that is not its own, and one twice', () => {
    const other = new Stack(new App(), 'Other', { env: { account: '111122223333', region: 'us-east-1' } });
    const stranger = new AttributionTeamCatalog(other, 'Stranger', { catalog: makeCatalog(other), value: 'payments' });
    const views = make();
    const twice = make({ rows: TeamRows.COPIES, catalog: views.catalog, databaseName: 'twice' }, 'Twice');
    expect(() => new UsageLedger(stack, 'Ledger', {
      catalog: views.catalog, workGroup: new QueryWorkGroup(stack, 'Queries'), teamCatalogs: [views, stranger, twice, twice],
    })).toThrow(/3 problems:[^]*Stack\/Payments, which has views[^]*Other\/Stranger, of another catalog[^]*Stack\/Twice more than once/);
  });

  test('AwsSolutions finds nothing', () => {
    expect(nagFindings((scope) => {
      const catalog = makeCatalog(scope);
      const team = new AttributionTeamCatalog(scope, 'Payments', { catalog, value: 'payments' });
      new UsageLedger(scope, 'Ledger', { catalog, workGroup: new QueryWorkGroup(scope, 'Queries'), teamCatalogs: [team] });
    }).filter(finding => /Payments|Ledger\/Role/.test(finding))).toEqual([]);
  });
});

test('fails with a value that the schema does not allow', () => {
  const schema = new AttributionSchema({ version: 1, keys: [AttributionKey.TEAM.withAllowedValues(['payments', 'search'])] });
  expect(() => make({ catalog: makeCatalog(stack, { schema }), value: 'sales' }))
    .toThrow('value is "sales", which the schema does not allow for team: use one of payments, search');
});

test('AwsSolutions finds nothing', () => {
  expect(nagFindings((scope) => {
    new AttributionTeamCatalog(scope, 'Payments', { catalog: makeCatalog(scope), value: 'payments', rows: TeamRows.VIEWS });
  }).filter(finding => finding.includes('Payments'))).toEqual([]);
});
