import { App, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as glue from 'aws-cdk-lib/aws-glue';
import * as iam from 'aws-cdk-lib/aws-iam';
import {
  AttributionRowFilter, type AttributionRowFilterProps, LakeFormationDatabaseGrants, type LakeFormationDatabaseGrantsProps,
  LakeFormationLocations, LakeFormationPrincipal,
} from '../../lib/analytics';
import { nagFindings } from '../nag/nag-findings';
import { makeCatalog } from '../support/make-catalog';

const PERMISSIONS = 'AWS::LakeFormation::PrincipalPermissions';
const LOCATION = 'arn:aws:s3:::example-ledger/ledger';
const ANALYST = LakeFormationPrincipal.of('arn:aws:iam::111122223333:role/analyst');
const KEEPER = LakeFormationPrincipal.of('arn:aws:iam::111122223333:role/keeper');

let stack: Stack;
let database: glue.CfnDatabase;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
  database = makeDatabase(stack);
});

function makeDatabase(scope: Stack): glue.CfnDatabase {
  return new glue.CfnDatabase(scope, 'Database', { catalogId: scope.account, databaseInput: { name: 'costs' } });
}

function grant(props: Omit<LakeFormationDatabaseGrantsProps, 'database'>): Template {
  new LakeFormationDatabaseGrants(stack, 'Grants', { database, ...props });
  return Template.fromStack(stack);
}

interface Given {
  readonly Principal: { readonly DataLakePrincipalIdentifier: unknown };
  readonly Permissions: string[];
  readonly PermissionsWithGrantOption: string[];
  readonly Resource: Record<string, unknown>;
}

function given(template: Template): Given[] {
  return Object.values(template.findResources(PERMISSIONS)).map(({ Properties }) => Properties as Given);
}

/** What a principal was given, as `permission on kind of resource`. */
function of(template: Template, { identifier }: LakeFormationPrincipal): string[] {
  return given(template)
    .filter(({ Principal }) => JSON.stringify(Principal.DataLakePrincipalIdentifier) === JSON.stringify(stack.resolve(identifier)))
    .flatMap(({ Permissions, Resource }) => Permissions.map(permission => `${permission} on ${Object.keys(Resource).join()}`))
    .sort();
}

describe('grants on a database', () => {
  test('let readers read all tables, those that are made later included', () => {
    const template = grant({ readers: [ANALYST] });
    expect(of(template, ANALYST)).toEqual(['DESCRIBE on Database', 'DESCRIBE on Table', 'SELECT on Table']);
    template.hasResourceProperties(PERMISSIONS, {
      Permissions: ['SELECT'],
      Resource: { Table: { CatalogId: '111122223333', DatabaseName: { Ref: 'Database' }, TableWildcard: {} } },
    });
  });

  test('let writers make and fill tables, and drop none', () => {
    expect(of(grant({ writers: [KEEPER] }), KEEPER)).toEqual([
      'ALTER on Table', 'CREATE_TABLE on Database', 'DELETE on Table', 'DESCRIBE on Database', 'DESCRIBE on Table', 'INSERT on Table',
      'SELECT on Table',
    ]);
  });

  test('let nobody hand anything on', () => {
    const template = grant({ readers: [ANALYST], writers: [KEEPER] });
    for (const { PermissionsWithGrantOption } of given(template)) expect(PermissionsWithGrantOption).toEqual([]);
  });

  test('are one resource per permission, whose id stays when others come and go: a replacement would revoke what it gave', () => {
    const ids = (readers: LakeFormationPrincipal[]): string[] => {
      const other = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
      new LakeFormationDatabaseGrants(other, 'Grants', { database: makeDatabase(other), readers });
      return Object.keys(Template.fromStack(other).findResources(PERMISSIONS));
    };
    const alone = ids([ANALYST]);
    expect(ids([KEEPER, ANALYST])).toEqual(expect.arrayContaining(alone));
    expect(alone).toHaveLength(3);
  });

  test('are made one after the other', () => {
    const resources = grant({ readers: [ANALYST] }).findResources(PERMISSIONS);
    const ids = Object.keys(resources);
    const behind = Object.values(resources).map(({ DependsOn = [] }) => (DependsOn as string[]).filter(id => ids.includes(id)));
    expect(behind.map(others => others.length)).toEqual([0, 1, 1]);
  });

  test('may stand inside of the catalog that they are on', () => {
    const catalog = makeCatalog(stack);
    new LakeFormationDatabaseGrants(catalog, 'LakeFormation', { database: catalog, readers: [ANALYST] });
    Template.fromStack(stack).hasResourceProperties(PERMISSIONS, {
      Resource: { Database: { Name: { Ref: Match.stringLikeRegexp('^Catalog') } } },
    });
  });

  test('name roles and users by their ARNs', () => {
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    const user = iam.User.fromUserName(stack, 'User', 'ann');
    const template = grant({ readers: [LakeFormationPrincipal.role(role), LakeFormationPrincipal.user(user)] });
    template.hasResourceProperties(PERMISSIONS, {
      Principal: { DataLakePrincipalIdentifier: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Role'), 'Arn'] } },
    });
    expect(JSON.stringify(given(template))).toContain(':user/ann');
  });
});

describe('locations', () => {
  test('are left to IAM by default', () => {
    const template = grant({ writers: [KEEPER], dataLocationArns: [LOCATION] });
    template.resourceCountIs('AWS::LakeFormation::Resource', 0);
    expect(of(template, KEEPER)).not.toContain('DATA_LOCATION_ACCESS on DataLocation');
  });

  test('that are registered already are given to writers only', () => {
    const locations = LakeFormationLocations.registered();
    const template = grant({ readers: [ANALYST], writers: [KEEPER], dataLocationArns: [LOCATION], locations });
    template.resourceCountIs('AWS::LakeFormation::Resource', 0);
    expect(of(template, KEEPER)).toContain('DATA_LOCATION_ACCESS on DataLocation');
    expect(of(template, ANALYST)).not.toContain('DATA_LOCATION_ACCESS on DataLocation');
    template.hasResourceProperties(PERMISSIONS, { Resource: { DataLocation: { CatalogId: '111122223333', ResourceArn: LOCATION } } });
  });

  test('are registered in hybrid mode with the service-linked role, before writers are given them', () => {
    const template = grant({ writers: [KEEPER], dataLocationArns: [LOCATION], locations: LakeFormationLocations.register() });
    template.hasResourceProperties('AWS::LakeFormation::Resource', {
      ResourceArn: LOCATION, UseServiceLinkedRole: true, HybridAccessEnabled: true, RoleArn: Match.absent(),
    });
    template.hasResource(PERMISSIONS, {
      Properties: { Permissions: ['DATA_LOCATION_ACCESS'] }, DependsOn: Match.arrayWith([Match.stringLikeRegexp('^GrantsLocation0')]),
    });
  });

  test('are registered with a role, and without IAM, when that is said', () => {
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lakeformation.amazonaws.com') });
    grant({
      writers: [KEEPER], dataLocationArns: [LOCATION], locations: LakeFormationLocations.register({ role, hybridAccess: false }),
    }).hasResourceProperties('AWS::LakeFormation::Resource', {
      UseServiceLinkedRole: false, HybridAccessEnabled: false, RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Role'), 'Arn'] },
    });
  });
});

describe('grants of a catalog', () => {
  test('are for its database, and those who keep the ledger may be added later', () => {
    const catalog = makeCatalog(stack, { lakeFormation: { readers: [ANALYST], locations: LakeFormationLocations.registered() } });
    catalog.lakeFormationGrants?.addWriter(KEEPER);
    const template = Template.fromStack(stack);
    expect(of(template, ANALYST)).toEqual(['DESCRIBE on Database', 'DESCRIBE on Table', 'SELECT on Table']);
    expect(of(template, KEEPER)).toContain('DATA_LOCATION_ACCESS on DataLocation');
    template.hasResourceProperties(PERMISSIONS, {
      Resource: { DataLocation: { ResourceArn: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::example-ledger/ledger']] } } },
    });
  });

  test('are none unless somebody asks', () => {
    const catalog = makeCatalog(stack);
    expect(catalog.lakeFormationGrants).toBeUndefined();
    Template.fromStack(stack).resourceCountIs(PERMISSIONS, 0);
  });
});

describe('grants that make no sense', () => {
  test.each<[string, Omit<LakeFormationDatabaseGrantsProps, 'database'>]>([
    ['the identifier of a principal is empty', { readers: [LakeFormationPrincipal.of(' ')] }],
    ['"arn:aws:iam::111122223333:role/analyst" is named more than once', { readers: [ANALYST], writers: [ANALYST] }],
    ['dataLocationArns names none', { readers: [ANALYST], locations: LakeFormationLocations.register() }],
  ])('fails: %s', (message, props) => {
    expect(() => grant(props)).toThrow(message);
  });

  test('tokens pass', () => {
    const reader = LakeFormationPrincipal.of(Token.asString({ Ref: 'Reader' }));
    expect(of(grant({ readers: [reader], dataLocationArns: [Token.asString({ Ref: 'Location' })] }), reader)).toHaveLength(3);
  });
});

describe('a row filter', () => {
  const filter = (props: Partial<AttributionRowFilterProps> = {}): AttributionRowFilter => new AttributionRowFilter(stack, 'Filter', {
    database, tableNames: ['usage_daily'], column: 'team', values: ['payments'], readers: [ANALYST], ...props,
  });

  test('lets its readers read the rows of a value, with all columns, and nothing else', () => {
    const { filterName } = filter();
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::LakeFormation::DataCellsFilter', {
      Name: filterName,
      TableCatalogId: '111122223333',
      DatabaseName: { Ref: 'Database' },
      TableName: 'usage_daily',
      RowFilter: { FilterExpression: 'team IN (\'payments\')' },
      ColumnWildcard: {},
    });
    expect(of(template, ANALYST)).toEqual(['DESCRIBE on Database', 'SELECT on DataCellsFilter']);
  });

  test('is made for each of several tables', () => {
    filter({ tableNames: ['usage_daily', 'usage_ledger'] });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::LakeFormation::DataCellsFilter', 2);
    expect(of(template, ANALYST)).toEqual(['DESCRIBE on Database', 'SELECT on DataCellsFilter', 'SELECT on DataCellsFilter']);
  });

  test('takes several values, and quotes them', () => {
    filter({ values: ['payments', 'd\'or'] });
    Template.fromStack(stack).hasResourceProperties('AWS::LakeFormation::DataCellsFilter', {
      RowFilter: { FilterExpression: 'team IN (\'payments\', \'d\'\'or\')' },
    });
  });

  test('has another name when it lets something else through, for a filter cannot be changed', () => {
    const one = filter().filterName;
    const other = new AttributionRowFilter(stack, 'Other', {
      database, tableNames: ['usage_daily'], column: 'team', values: ['search'], readers: [ANALYST],
    });
    expect(one).toMatch(/^team_[0-9a-f]{8}$/);
    expect(other.filterName).not.toBe(one);
  });

  test('of the longest expression is accepted', () => {
    expect(() => filter({ values: ['v'.repeat(2048 - 'team IN (\'\')'.length)] })).not.toThrow();
  });

  test.each<[string, Partial<AttributionRowFilterProps>]>([
    ['tableNames[1] is "a b": use 1 to 255', { tableNames: ['a', 'a b'] }],
    ['tableNames is empty', { tableNames: [] }],
    ['tableNames has "a" twice', { tableNames: ['a', 'a'] }],
    ['column is "Team": use 1 to 255', { column: 'Team' }],
    ['values is empty', { values: [] }],
    ['readers is empty', { readers: [] }],
    ['readers has "arn:aws:iam::111122223333:role/analyst" twice', { readers: [ANALYST, ANALYST] }],
    ['an expression of 2049 characters', { values: ['v'.repeat(2049 - 'team IN (\'\')'.length)] }],
  ])('fails: %s', (message, props) => {
    expect(() => filter(props)).toThrow(message);
  });

  test('takes tokens', () => {
    filter({ tableNames: [Token.asString({ Ref: 'Table' })], values: [Token.asString({ Ref: 'Team' })] });
    Template.fromStack(stack).hasResourceProperties('AWS::LakeFormation::DataCellsFilter', {
      RowFilter: { FilterExpression: { 'Fn::Join': ['', ['team IN (\'', { Ref: 'Team' }, '\')']] } },
    });
  });
});

test('AwsSolutions finds nothing', () => {
  expect(nagFindings((scope) => {
    const costs = makeDatabase(scope);
    const locations = LakeFormationLocations.register();
    new LakeFormationDatabaseGrants(scope, 'Grants', { database: costs, readers: [ANALYST], dataLocationArns: [LOCATION], locations });
    new AttributionRowFilter(scope, 'Filter', {
      database: costs, tableNames: ['usage_daily'], column: 'team', values: ['a'], readers: [ANALYST],
    });
  })).toEqual([]);
});
