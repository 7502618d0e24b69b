import { App, Duration, Stack, Tags, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  AnalystData, AttributionAnalystRole, type AttributionAnalystRoleProps, AttributionCatalog, type IQueryWorkGroup, LedgerStore,
  QueryResults, QueryWorkGroup,
} from '../../lib/analytics';
import { nagFindings } from '../nag/nag-findings';
import { type Authorization, isAllowed, type Statement } from '../support/evaluate-policy';

const ACCOUNT = '111122223333';
const REGION = 'us-east-1';
const ANALYST = 'arn:aws:iam::444455556666:role/ann';
const SAML = `arn:aws:iam::${ACCOUNT}:saml-provider/company`;
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/0a1b2c3d-0000-1111-2222-333344445555`;

let stack: Stack;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack', { env: { account: ACCOUNT, region: REGION } });
});

function makeRole(props: Partial<AttributionAnalystRoleProps> = {}, scope = stack): AttributionAnalystRole {
  const results = QueryResults.inBucket(s3.Bucket.fromBucketName(scope, 'Results', 'example-results'), { prefix: 'costs' });
  return new AttributionAnalystRole(scope, 'Analysts', {
    assumedBy: new iam.AccountPrincipal('444455556666'),
    principalTags: { job: 'finops' },
    workGroups: [QueryWorkGroup.fromQueryWorkGroupAttributes(scope, 'Queries', { workGroupName: 'costs', results })],
    catalogs: [AttributionCatalog.fromDatabaseName(scope, 'Catalog', 'bedrock_costs')],
    data: [AnalystData.ledger(LedgerStore.fromLedgerStoreAttributes(scope, 'Ledger', { bucketName: 'example-ledger' }))],
    ...props,
  });
}

interface Synthesized {
  readonly trust: Statement[];
  readonly permissions: Statement[];
}

function synthesized(props: Partial<AttributionAnalystRoleProps> = {}): Synthesized {
  makeRole(props);
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'));
  const [policy] = Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[];
  return { trust: Properties.AssumeRolePolicyDocument.Statement as Statement[], permissions: policy.PolicyDocument.Statement };
}

const workGroup = (name: string): string => `arn:aws:athena:${REGION}:${ACCOUNT}:workgroup/${name}`;
const glue = (resource: string): string => `arn:aws:glue:${REGION}:${ACCOUNT}:${resource}`;
const file = (path: string): string => `arn:aws:s3:::${path}`;

function may(permissions: Statement[], action: string, resource: string, context: Record<string, string> = {}): boolean {
  return isAllowed(permissions, [{ action, resource, context }]);
}

/** What is allowed on the key; the policy of a key decides as well, so that a policy of the caller alone allows nothing. */
function actionsOnKey(permissions: Statement[]): string[] {
  return permissions.filter(({ Resource }) => Resource === KEY).flatMap(({ Action }) => Action);
}

describe('an analyst may', () => {
  test.each([
    ['athena:StartQueryExecution', workGroup('costs')],
    ['athena:StopQueryExecution', workGroup('costs')],
    ['athena:GetQueryExecution', workGroup('costs')],
    ['athena:GetQueryResults', workGroup('costs')],
    ['athena:GetQueryResultsStream', workGroup('costs')],
    ['athena:ListNamedQueries', workGroup('costs')],
    ['athena:ListWorkGroups', '*'],
    ['athena:ListTableMetadata', `arn:aws:athena:${REGION}:${ACCOUNT}:datacatalog/AwsDataCatalog`],
    ['athena:GetDataCatalog', `arn:aws:athena:${REGION}:${ACCOUNT}:datacatalog/AwsDataCatalog`],
    ['glue:GetDatabase', glue('catalog')],
    ['glue:GetDatabases', glue('catalog')],
    ['glue:GetDatabases', glue('database/default')],
    ['glue:GetDatabases', glue('database/bedrock_costs')],
    ['glue:GetDatabase', glue('database/default')],
    ['glue:GetDatabase', glue('database/bedrock_costs')],
    ['glue:GetTable', glue('table/bedrock_costs/attributed_spend')],
    ['glue:GetTables', glue('database/bedrock_costs')],
    ['glue:GetPartitions', glue('table/bedrock_costs/usage_ledger')],
    ['s3:GetBucketLocation', file('example-results')],
    ['s3:GetObject', file('example-results/costs/query.csv')],
    ['s3:PutObject', file('example-results/costs/query.csv')],
    ['s3:GetObject', file('example-ledger/ledger/usage_ledger/data/a.parquet')],
    ['s3:GetObject', file('example-ledger/dimensions/price_book/2026-11.json')],
    ['s3:GetObject', file('example-ledger/ledger/closing_statements/data/a.parquet')],
  ])('%s on %s', (action, resource) => {
    expect(may(synthesized().permissions, action, resource)).toBe(true);
  });

  test.each(['ledger', 'ledger/usage_ledger', 'dimensions/'])('list the folder %j of the ledger', (prefix) => {
    expect(may(synthesized().permissions, 's3:ListBucket', file('example-ledger'), { 's3:prefix': prefix })).toBe(true);
  });
});

test('an analyst without the console may do all that a query of attributed_spend takes', () => {
  const { permissions } = synthesized({ consoleAccess: false });
  const prefix = (folder: string): Record<string, string> => ({ 's3:prefix': folder });
  const tables = ['attributed_spend', 'billed_usage', 'invocations', 'usage_ledger', 'bill_ledger', 'model_aliases', 'inference_profiles', 'principals'];
  const needed: [string, string, Record<string, string>?][] = [
    ['athena:StartQueryExecution', workGroup('costs')], ['athena:GetQueryExecution', workGroup('costs')], ['athena:GetQueryResults', workGroup('costs')],
    ['athena:GetDataCatalog', `arn:aws:athena:${REGION}:${ACCOUNT}:datacatalog/AwsDataCatalog`],
    ['glue:GetDatabase', glue('catalog')], ['glue:GetDatabase', glue('database/default')], ['glue:GetDatabase', glue('database/bedrock_costs')],
    ...tables.map((table): [string, string] => ['glue:GetTable', glue(`table/bedrock_costs/${table}`)]),
    ['s3:GetBucketLocation', file('example-ledger')],
    ['s3:ListBucket', file('example-ledger'), prefix('dimensions/model_aliases/')],
    ['s3:GetObject', file('example-ledger/dimensions/inference_profiles/111122223333/us-east-1.json')],
    ['s3:GetObject', file('example-ledger/ledger/usage_ledger/metadata/00001.metadata.json')],
    ['s3:GetObject', file('example-ledger/ledger/usage_ledger/data/usage_date=2026-10-01/a.parquet')],
    ['s3:GetObject', file('example-ledger/ledger/bill_ledger/data/billing_period=2026-10/a.parquet')],
    ['s3:GetBucketLocation', file('example-results')],
    ['s3:ListBucket', file('example-results'), prefix('costs/')],
    ['s3:PutObject', file('example-results/costs/a.csv')], ['s3:PutObject', file('example-results/costs/a.csv.metadata')],
    ['s3:GetObject', file('example-results/costs/a.csv')],
  ];
  expect(needed.filter(([action, resource, context]) => !may(permissions, action, resource, context))).toEqual([]);
});

describe('an analyst may not', () => {
  test.each([
    ['athena:StartQueryExecution', workGroup('primary')],
    ['athena:GetQueryResults', workGroup('costs-of-others')],
    ['athena:UpdateWorkGroup', workGroup('costs')],
    ['athena:DeleteWorkGroup', workGroup('costs')],
    ['athena:CreateNamedQuery', workGroup('costs')],
    ['athena:TagResource', workGroup('costs')],
    ['glue:GetTable', glue('table/default/secrets')],
    ['glue:GetTable', glue('table/salaries/all')],
    ['glue:GetDatabase', glue('database/salaries')],
    ['glue:UpdateTable', glue('table/bedrock_costs/attributed_spend')],
    ['glue:CreateTable', glue('database/bedrock_costs')],
    ['glue:DeletePartition', glue('table/bedrock_costs/usage_ledger')],
    ['s3:GetObject', file('example-results/other/query.csv')],
    ['s3:GetObject', file('example-results/costs-of-others/query.csv')],
    ['s3:DeleteObject', file('example-results/costs/query.csv')],
    ['s3:GetObject', file('example-ledger/quarantine/a.json.gz')],
    ['s3:GetObject', file('example-ledger/reports/2026-11-01.html')],
    ['s3:PutObject', file('example-ledger/ledger/usage_ledger/data/a.parquet')],
    ['s3:PutObject', file('example-ledger/dimensions/price_book/2026-11.json')],
    ['s3:GetObject', file('example-logs/AWSLogs/111122223333/BedrockModelInvocationLogs/a.json.gz')],
    ['s3:GetObject', file('example-bills/cur2/bill/data/a.parquet')],
    ['s3:ListAllMyBuckets', '*'],
    ['kms:Decrypt', KEY],
    ['lakeformation:GetDataAccess', '*'],
    ['bedrock:InvokeModel', `arn:aws:bedrock:${REGION}::foundation-model/amazon.nova-lite-v1:0`],
  ])('%s on %s', (action, resource) => {
    expect(may(synthesized().permissions, action, resource)).toBe(false);
  });

  test.each(['', 'quarantine/', 'ledgers'])('list the folder %j of the ledger', (prefix) => {
    expect(may(synthesized().permissions, 's3:ListBucket', file('example-ledger'), { 's3:prefix': prefix })).toBe(false);
  });

  test('list the whole bucket of the ledger', () => {
    expect(may(synthesized().permissions, 's3:ListBucket', file('example-ledger'))).toBe(false);
  });

  test('list what the console lists, where the console is not for them', () => {
    expect(may(synthesized({ consoleAccess: false }).permissions, 'athena:ListWorkGroups', '*')).toBe(false);
  });
});

describe('data', () => {
  test('that is raw is read only when it is named', () => {
    const bills = s3.Bucket.fromBucketName(stack, 'Bills', 'example-bills');
    const { permissions } = synthesized({ data: [AnalystData.folders(bills, ['cur2/bill/data'])] });
    expect(may(permissions, 's3:GetObject', file('example-bills/cur2/bill/data/a.parquet'))).toBe(true);
    expect(may(permissions, 's3:GetObject', file('example-bills/cur2/other/data/a.parquet'))).toBe(false);
    expect(may(permissions, 's3:GetObject', file('example-ledger/ledger/usage_ledger/data/a.parquet'))).toBe(false);
  });

  test('is decrypted with the keys that were given, and results with theirs', () => {
    const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', KEY);
    const ledger = LedgerStore.fromLedgerStoreAttributes(stack, 'Encrypted', { bucketName: 'example-ledger', encryptionKey });
    expect(actionsOnKey(synthesized({ data: [AnalystData.ledger(ledger)] }).permissions)).toEqual(['kms:Decrypt']);
  });

  test.each([
    ['in a bucket', (key: kms.IKey) => QueryResults.inBucket(s3.Bucket.fromBucketName(stack, 'R', 'example'), { encryptionKey: key }), []],
    ['with Athena', (key: kms.IKey) => QueryResults.managed({ encryptionKey: key }), ['kms:DescribeKey']],
  ])('results %s are written with their key', (_case, resultsWith, further) => {
    const results = resultsWith(kms.Key.fromKeyArn(stack, 'Key', KEY));
    const workGroups = [QueryWorkGroup.fromQueryWorkGroupAttributes(stack, 'Encrypted', { workGroupName: 'costs', results })];
    expect(actionsOnKey(synthesized({ workGroups }).permissions)).toEqual(['kms:Decrypt', ...further, 'kms:GenerateDataKey']);
  });

  test('by way of Lake Formation takes no right on a bucket', () => {
    const { permissions } = synthesized({ data: [AnalystData.lakeFormation()] });
    expect(may(permissions, 'lakeformation:GetDataAccess', '*')).toBe(true);
    expect(may(permissions, 's3:GetObject', file('example-ledger/ledger/usage_ledger/data/a.parquet'))).toBe(false);
  });
});

/** Whether somebody can become an analyst. */
function gets(trust: Statement[], principal: string, action: string, context: Record<string, string | string[]>): boolean {
  const resource = `arn:aws:iam::${ACCOUNT}:role/analysts`;
  const withTags = Object.keys(context).some(key => key.startsWith('aws:RequestTag/'));
  const asked: Authorization<string | string[]>[] = [{ principal, resource, action, context }];
  return isAllowed(trust, withTags ? [...asked, { principal, resource, action: 'sts:TagSession', context }] : asked);
}

describe('somebody gets in', () => {
  const assume = (trust: Statement[], context: Record<string, string | string[]>, principal = ANALYST): boolean => (
    gets(trust, principal, 'sts:AssumeRole', context)
  );

  test('with the tags, and not without or with others', () => {
    const { trust } = synthesized({ principalTags: { job: 'finops', level: 'senior' } });
    expect(assume(trust, { 'aws:PrincipalTag/job': 'finops', 'aws:PrincipalTag/level': 'senior' })).toBe(true);
    expect(assume(trust, { 'aws:PrincipalTag/job': 'finops' })).toBe(false);
    expect(assume(trust, { 'aws:PrincipalTag/job': 'sales', 'aws:PrincipalTag/level': 'senior' })).toBe(false);
    expect(assume(trust, {})).toBe(false);
  });

  test('only from where the role trusts', () => {
    const context = { 'aws:PrincipalTag/job': 'finops' };
    expect(assume(synthesized().trust, context, 'arn:aws:iam::777788889999:role/eve')).toBe(false);
  });

  test('without tags of the session, which could stand for somebody else', () => {
    const context = { 'aws:PrincipalTag/job': 'finops', 'aws:RequestTag/job': 'ceo', 'aws:TagKeys': ['job'] };
    expect(assume(synthesized().trust, context)).toBe(false);
  });

  test('with the tag of the session that they have themselves, and no other', () => {
    const workGroups = [QueryWorkGroup.fromWorkGroupName(stack, 'Payments', 'payments')];
    const { trust } = synthesized({ sessionTagKey: 'team', workGroups });
    const mine = { 'aws:PrincipalTag/job': 'finops', 'aws:PrincipalTag/team': 'payments' };
    expect(assume(trust, { ...mine, 'aws:RequestTag/team': 'payments', 'aws:TagKeys': ['team'] })).toBe(true);
    expect(assume(trust, { ...mine, 'aws:RequestTag/team': 'search', 'aws:TagKeys': ['team'] })).toBe(false);
    expect(assume(trust, { ...mine, 'aws:RequestTag/team': 'payments', 'aws:RequestTag/job': 'ceo', 'aws:TagKeys': ['team', 'job'] })).toBe(false);
    expect(assume(trust, mine)).toBe(false);
  });

  test('by an identity provider that sends the tags, and no others', () => {
    const assumedBy = new iam.SamlPrincipal(iam.SamlProvider.fromSamlProviderArn(stack, 'Saml', SAML), {});
    const workGroups = [QueryWorkGroup.fromWorkGroupName(stack, 'Payments', 'payments')];
    const { trust } = synthesized({ assumedBy, sessionTagKey: 'team', workGroups });
    const signIn = (tags: Record<string, string>): boolean => gets(trust, SAML, 'sts:AssumeRoleWithSAML', {
      ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])), 'aws:TagKeys': Object.keys(tags),
    });
    expect(signIn({ job: 'finops', team: 'payments' })).toBe(true);
    expect(signIn({ job: 'sales', team: 'payments' })).toBe(false);
    expect(signIn({ job: 'finops' })).toBe(false);
    expect(signIn({ job: 'finops', team: '' })).toBe(false);
    expect(signIn({ job: 'finops', team: 'payments', level: 'ceo' })).toBe(false);
  });
});

describe('one role for many teams', () => {
  const team = (name: string): IQueryWorkGroup => new QueryWorkGroup(stack, name, {
    workGroupName: name, results: QueryResults.managed(), tags: { team: name },
  });

  test('lets each use the workgroup with the tag of its session', () => {
    const { permissions } = synthesized({
      principalTags: {},
      sessionTagKey: 'team',
      workGroups: ['payments', 'search'].map(name => QueryWorkGroup.fromWorkGroupName(stack, name, name)),
    });
    const query = (session: string, tagged: string): boolean => may(permissions, 'athena:StartQueryExecution', workGroup(tagged), {
      'aws:PrincipalTag/team': session, 'aws:ResourceTag/team': tagged,
    });
    expect(query('payments', 'payments')).toBe(true);
    expect(query('search', 'search')).toBe(true);
    expect(query('payments', 'search')).toBe(false);
    expect(may(permissions, 'athena:StartQueryExecution', workGroup('payments'), { 'aws:PrincipalTag/team': 'payments' })).toBe(false);
  });

  test('takes workgroups that have the tag, from wherever', () => {
    Tags.of(stack).add('team', 'platform');
    makeRole({ sessionTagKey: 'team', workGroups: [team('payments'), new QueryWorkGroup(stack, 'untagged', { results: QueryResults.managed() })] });
    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('fails with a workgroup that has no such tag', () => {
    makeRole({ sessionTagKey: 'team', workGroups: [team('payments'), new QueryWorkGroup(stack, 'untagged', { results: QueryResults.managed() })] });
    expect(() => Template.fromStack(stack)).toThrow(/the workgroup at Stack\/untagged has no tag "team".*give it one in tags/);
  });

  test('fails with a workgroup whose results others could read', () => {
    expect(() => makeRole({ sessionTagKey: 'team', workGroups: [new QueryWorkGroup(stack, 'Shared')] }))
      .toThrow(/the workgroup at Stack\/Shared keeps its results in a bucket.*QueryResults.managed\(\)/);
  });
});

describe('the role', () => {
  test('has a name, a duration and a boundary when they are given', () => {
    makeRole({
      roleName: 'analysts',
      maxSessionDuration: Duration.hours(8),
      permissionsBoundary: iam.ManagedPolicy.fromManagedPolicyArn(stack, 'Boundary', `arn:aws:iam::${ACCOUNT}:policy/most`),
    });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
      RoleName: 'analysts', MaxSessionDuration: 28_800, PermissionsBoundary: `arn:aws:iam::${ACCOUNT}:policy/most`,
    });
  });

  test('is open to further permissions', () => {
    iam.Grant.addToPrincipal({ grantee: makeRole(), actions: ['s3:GetObject'], resourceArns: ['arn:aws:s3:::more/a'] });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: 's3:GetObject' })] },
    });
  });

  test('is imported by its ARN', () => {
    const imported = AttributionAnalystRole.fromRoleArn(stack, 'Import', `arn:aws:iam::${ACCOUNT}:role/analysts`);
    expect(imported.role.roleName).toBe('analysts');
    expect(imported.grantPrincipal).toBe(imported.role);
  });

  test('takes tokens', () => {
    const token = (name: string): string => Token.asString({ Ref: name });
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', token('Bucket'));
    expect(() => synthesized({
      principalTags: { job: token('Job') }, data: [AnalystData.folders(bucket, [token('Folder')])],
    })).not.toThrow();
  });

  test.each<[string, Partial<AttributionAnalystRoleProps>]>([
    ['principalTags and sessionTagKey are left out', { principalTags: {} }],
    ['the tag key "a*" cannot stand in a policy', { principalTags: { 'a*': 'v' } }],
    ['the tag key "" cannot stand in a policy', { sessionTagKey: '' }],
    ['a tag key is known at deployment only', { principalTags: { [Token.asString({ Ref: 'Key' })]: 'v' } }],
    ['the value of tag "job" has 0 characters: use 1 to 256', { principalTags: { job: '' } }],
    ['the value of tag "job" has 257 characters', { principalTags: { job: 'v'.repeat(257) } }],
    ['workGroups is empty', { workGroups: [] }],
    ['catalogs is empty', { catalogs: [] }],
    ['data is empty', { data: [] }],
  ])('fails: %s', (message, props) => {
    expect(() => makeRole(props)).toThrow(message);
  });

  test.each(['/a', 'a/', '', 'a//b', 'a*', 'a?'])('fails with the folder %j', (folder) => {
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'example');
    expect(() => makeRole({ data: [AnalystData.folders(bucket, [folder])] })).toThrow(`data has the folder ${JSON.stringify(folder)}`);
  });

  test('AwsSolutions finds nothing', () => {
    expect(nagFindings((scope) => {
      makeRole({ data: [AnalystData.ledger(new LedgerStore(scope, 'Store')), AnalystData.lakeFormation()] }, scope);
    })).toEqual([]);
  });
});

describe('a grant to query', () => {
  const grantTo = (grantee: iam.IGrantable, queries: IQueryWorkGroup): Statement[] => {
    queries.grants.query(grantee);
    const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    return policy.Properties.PolicyDocument.Statement as Statement[];
  };
  const role = (): iam.Role => new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  const queries = (): IQueryWorkGroup => QueryWorkGroup.fromQueryWorkGroupAttributes(stack, 'Queries', {
    workGroupName: 'costs', results: QueryResults.inBucket(s3.Bucket.fromBucketName(stack, 'Results', 'example-results')),
  });

  test.each<[string, () => iam.IGrantable]>([
    ['a role', role],
    ['an imported role', () => iam.Role.fromRoleArn(stack, 'Imported', `arn:aws:iam::${ACCOUNT}:role/reader`)],
    ['a user', () => new iam.User(stack, 'User')],
  ])('lets %s query in this workgroup and read results there, no more', (_case, grantee) => {
    const statements = grantTo(grantee(), queries());
    expect(may(statements, 'athena:StartQueryExecution', workGroup('costs'))).toBe(true);
    expect(may(statements, 's3:GetObject', file('example-results/athena-results/a.csv'))).toBe(true);
    expect(may(statements, 'athena:StartQueryExecution', workGroup('primary'))).toBe(false);
    expect(may(statements, 's3:GetObject', file('example-results/a.csv'))).toBe(false);
    expect(may(statements, 'glue:GetTable', glue('table/bedrock_costs/attributed_spend'))).toBe(false);
  });

  test('of a workgroup whose results are not known leaves them out', () => {
    const statements = grantTo(role(), QueryWorkGroup.fromWorkGroupName(stack, 'Named', 'costs'));
    expect(may(statements, 'athena:StartQueryExecution', workGroup('costs'))).toBe(true);
    expect(statements).toHaveLength(1);
  });

  test('says that a service principal was given nothing', () => {
    expect(queries().grants.query(new iam.ServicePrincipal('lambda.amazonaws.com')).success).toBe(false);
  });

  test('AwsSolutions finds nothing', () => {
    expect(nagFindings((scope) => {
      const reader = new iam.Role(scope, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
      new QueryWorkGroup(scope, 'Queries').grants.query(reader);
    })).toEqual([]);
  });
});
