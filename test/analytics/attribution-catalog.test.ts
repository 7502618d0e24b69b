import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, CfnParameter, Duration, Lazy, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  AttributionCatalog, BillCost, BillTagCarrier, InvocationLogSource, type AttributionCatalogProps, type InvocationLogCoverage,
} from '../../lib/analytics';
import { VIEW_NAMES } from '../../lib/analytics/sql/view-template';
import { CostAndUsageExport } from '../../lib/data-exports';
import { makeCatalog } from '../support/make-catalog';

const coverage: InvocationLogCoverage = { accounts: ['111122223333', '444455556666'], regions: ['us-east-1', 'eu-west-1'] };

function makeStack(): Stack {
  return new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
}

function make(stack: Stack, props: Partial<AttributionCatalogProps> = {}): AttributionCatalog {
  const bucket = s3.Bucket.fromBucketName(stack, 'BillBucket', 'example-bills');
  return makeCatalog(stack, {
    bill: CostAndUsageExport.fromCostAndUsageExportAttributes(stack, 'Bill', { exportName: 'bill-0a1b2c3d', bucket, prefix: 'cur2' }),
    invocationLogs: InvocationLogSource.fromBucketPerAccountAndRegion('example-logs', coverage),
    ...props,
  });
}

interface TableInput {
  readonly Name: string;
  readonly Parameters: Record<string, unknown>;
  readonly PartitionKeys?: { readonly Name: string }[];
  readonly StorageDescriptor: {
    readonly Columns: { readonly Name: string; readonly Type: string }[];
    readonly Location: unknown;
    readonly SerdeInfo: { readonly SerializationLibrary: string; readonly Parameters: Record<string, string> };
  };
}

function tablesOf(stack: Stack): Record<string, TableInput> {
  const tables = Object.values(Template.fromStack(stack).findResources('AWS::Glue::Table')).map(({ Properties }) => Properties.TableInput as TableInput);
  return Object.fromEntries(tables.map(table => [table.Name, table]));
}

function tables(props?: Partial<AttributionCatalogProps>): Record<string, TableInput> {
  const stack = makeStack();
  make(stack, props);
  return tablesOf(stack);
}

describe('invocation_logs', () => {
  test('covers every declared account and Region from the first day on', () => {
    expect(tables().invocation_logs.Parameters).toMatchObject({
      'projection.enabled': 'true',
      'projection.log_account.values': '111122223333,444455556666',
      'projection.log_region.values': 'us-east-1,eu-west-1',
      'projection.log_day.range': '2026/01/01,NOW',
    });
  });

  test('reads a bucket per account and Region by their names', () => {
    const { Parameters, StorageDescriptor } = tables().invocation_logs;
    expect(Parameters['storage.location.template'])
      .toBe('s3://example-logs-${log_account}-${log_region}/AWSLogs/${log_account}/BedrockModelInvocationLogs/${log_region}/${log_day}/');
    expect(StorageDescriptor.Location).toBe('s3://example-logs-111122223333-us-east-1/AWSLogs/');
  });

  test('reads one bucket with a prefix', () => {
    const stack = makeStack();
    const bucket = s3.Bucket.fromBucketName(stack, 'Logs', 'example-logs');
    make(stack, { invocationLogs: InvocationLogSource.fromBucket(bucket, { ...coverage, keyPrefix: 'a/b', firstDay: '2026-06-15' }) });
    const { Parameters, StorageDescriptor } = tablesOf(stack).invocation_logs;
    expect(Parameters['storage.location.template'])
      .toBe('s3://example-logs/a/b/AWSLogs/${log_account}/BedrockModelInvocationLogs/${log_region}/${log_day}/');
    expect(Parameters['projection.log_day.range']).toBe('2026/06/15,NOW');
    expect(StorageDescriptor.Location).toBe('s3://example-logs/a/b/AWSLogs/');
  });

  test('has a placeholder for each partition, and no partition is named like a column', () => {
    for (const table of Object.values(tables())) {
      const columns = table.StorageDescriptor.Columns.map(({ Name }) => Name);
      for (const { Name } of table.PartitionKeys ?? []) {
        expect(table.Parameters['storage.location.template']).toContain(`\${${Name}}`);
        expect(columns).not.toContain(Name);
      }
    }
  });

  test('reads token counts where the record has them, as 64-bit numbers, and never what people wrote', () => {
    const columns = Object.fromEntries(tables().invocation_logs.StorageDescriptor.Columns.map(({ Name, Type }) => [Name, Type]));
    expect(columns.input).toContain('inputtokencount:bigint,cachereadinputtokencount:bigint,cachewriteinputtokencount:bigint');
    expect(columns.output).toContain('outputtokencount:bigint');
    expect(columns.requestmetadata).toBe('map<string,string>');
    expect(columns.timestamp).toBe('string');
    expect(JSON.stringify(columns)).not.toMatch(/inputbody/i);
  });

  test('has every nested field that the view of clean records reads', () => {
    const sql = fs.readFileSync(path.join(__dirname, '../../lib/analytics/sql/views/invocation_records.sql'), 'utf8').replace(/--.*$/gm, '');
    const columns = Object.fromEntries(tables().invocation_logs.StorageDescriptor.Columns.map(({ Name, Type }) => [Name, Type]));
    const read = [...sql.matchAll(/\b(input|output|identity)\.(\w+)/g)];
    expect(read.length).toBeGreaterThan(4);
    for (const [, column, field] of read) expect(columns[column]).toMatch(new RegExp(`[<,]${field}:`));
  });

  test('skips malformed lines instead of failing', () => {
    expect(tables().invocation_logs.StorageDescriptor.SerdeInfo).toMatchObject({
      SerializationLibrary: 'org.openx.data.jsonserde.JsonSerDe', Parameters: { 'ignore.malformed.json': 'true' },
    });
  });

  test('keeps the case of metadata keys by mapping every field of the record', () => {
    const { Columns, SerdeInfo } = tables().invocation_logs.StorageDescriptor;
    expect(SerdeInfo.Parameters['case.insensitive']).toBe('FALSE');
    expect(SerdeInfo.Parameters['mapping.requestmetadata']).toBe('requestMetadata');
    expect(SerdeInfo.Parameters['mapping.inputtokencount']).toBe('inputTokenCount');
    for (const [key, value] of Object.entries(SerdeInfo.Parameters).filter(([name]) => name.startsWith('mapping.'))) {
      expect(key).toBe(`mapping.${value.toLowerCase()}`);
      expect(JSON.stringify(Columns)).toContain(value.toLowerCase());
    }
  });

  test('lower-cases keys when asked', () => {
    const { Parameters } = tables({ preserveMetadataKeyCase: false }).invocation_logs.StorageDescriptor.SerdeInfo;
    expect(Parameters).toEqual({ 'ignore.malformed.json': 'true', 'case.insensitive': 'TRUE' });
  });
});

describe('cost_and_usage', () => {
  const attributes = (stack: Stack) => ({
    exportName: 'bill-0a1b2c3d', bucket: s3.Bucket.fromBucketName(stack, 'Bucket', 'example-bills'), prefix: 'cur2',
  });

  test('reads the data of the export, a folder per billing period, and never its manifests', () => {
    const { Parameters, StorageDescriptor } = tables().cost_and_usage;
    expect(StorageDescriptor.Location).toBe('s3://example-bills/cur2/bill-0a1b2c3d/data/');
    expect(Parameters).toMatchObject({
      'storage.location.template': 's3://example-bills/cur2/${export_name}/data/BILLING_PERIOD=${billing_period}/',
      'projection.export_name.type': 'enum',
      'projection.export_name.values': 'bill-0a1b2c3d',
      'projection.billing_period.range': '2026-04,NOW',
      'projection.billing_period.format': 'yyyy-MM',
    });
  });

  test('reads what former exports delivered too, each in the folder of its name', () => {
    const stack = makeStack();
    const bill = CostAndUsageExport.fromCostAndUsageExportAttributes(stack, 'Replaced', {
      ...attributes(stack), formerExportNames: ['bill-99999999', 'finance_cur'],
    });
    make(stack, { bill });
    const { Parameters, PartitionKeys } = tablesOf(stack).cost_and_usage;
    expect(Parameters['projection.export_name.values']).toBe('bill-0a1b2c3d,bill-99999999,finance_cur');
    expect(PartitionKeys).toEqual([{ Name: 'export_name', Type: 'string' }, { Name: 'billing_period', Type: 'string' }]);
  });

  test('reads former exports whose names are known at deployment only', () => {
    const stack = makeStack();
    const formerExportNames = new CfnParameter(stack, 'Former', { type: 'CommaDelimitedList' }).valueAsList;
    make(stack, { bill: CostAndUsageExport.fromCostAndUsageExportAttributes(stack, 'Replaced', { ...attributes(stack), formerExportNames }) });
    expect(tablesOf(stack).cost_and_usage.Parameters['projection.export_name.values']).toEqual({
      'Fn::Join': [',', { 'Fn::Split': [',', { 'Fn::Join': [',', ['bill-0a1b2c3d', { 'Fn::Join': [',', { Ref: 'Former' }] }]] }] }],
    });
  });

  test('has the columns that the export has beside those of this release, behind them', () => {
    const stack = makeStack();
    const bill = CostAndUsageExport.fromCostAndUsageExportAttributes(stack, 'New', {
      ...attributes(stack), additionalColumns: { line_item_new_amount: 'decimal(20,10)' },
    });
    make(stack, { bill });
    expect(tablesOf(stack).cost_and_usage.StorageDescriptor.Columns.slice(131)).toEqual([{ Name: 'line_item_new_amount', Type: 'decimal(20,10)' }]);
  });

  test('starts with the given month', () => {
    expect(tables({ firstBillingPeriod: '2026-09' }).cost_and_usage.Parameters['projection.billing_period.range']).toBe('2026-09,NOW');
  });

  test('has all 131 columns, whatever the export leaves out', () => {
    const { Columns } = tables().cost_and_usage.StorageDescriptor;
    expect(new Set(Columns.map(({ Name }) => Name)).size).toBe(131);
    expect(Columns).toContainEqual({ Name: 'line_item_iam_principal', Type: 'string' });
    expect(Columns).toContainEqual({ Name: 'line_item_unblended_cost', Type: 'double' });
    expect(Columns).toContainEqual({ Name: 'discount', Type: 'map<string,double>' });
    expect(Columns).toContainEqual({ Name: 'tags', Type: 'map<string,string>' });
  });
});

test('the database has the given name, which the tables refer to', () => {
  const stack = makeStack();
  const catalog = make(stack, { databaseName: 'cost' });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Glue::Database', { DatabaseInput: { Name: 'cost' } });
  template.allResourcesProperties('AWS::Glue::Table', { DatabaseName: stack.resolve(catalog.databaseName) });
  expect(catalog.databaseRef.databaseName).toBe(catalog.databaseName);
});

test('an imported catalog is known by its name', () => {
  const imported = AttributionCatalog.fromDatabaseName(makeStack(), 'Import', 'cost');
  expect([imported.databaseName, imported.databaseRef]).toEqual(['cost', { databaseName: 'cost' }]);
});

describe('validation', () => {
  const logs = (changes: Partial<InvocationLogCoverage>) => ({
    invocationLogs: InvocationLogSource.fromBucketPerAccountAndRegion('example-logs', { ...coverage, ...changes }),
  });

  test.each<[RegExp, Partial<AttributionCatalogProps>]>([
    [/databaseName is "Cost-DB": use 1 to 255 lower-case/, { databaseName: 'Cost-DB' }],
    [/databaseName is ""/, { databaseName: '' }],
    [/firstBillingPeriod is "2026-13": use a month/, { firstBillingPeriod: '2026-13' }],
    [/accounts is empty: name at least one/, logs({ accounts: [] })],
    [/accounts\[0\] is "1234": use 12 digits/, logs({ accounts: ['1234'] })],
    [/accounts has "111122223333" twice/, logs({ accounts: ['111122223333', '111122223333'] })],
    [/regions is empty/, logs({ regions: [] })],
    [/regions\[1\] is "Ireland": use a Region name/, logs({ regions: ['us-east-1', 'Ireland'] })],
    [/firstDay is "2026-6-1": use a day/, logs({ firstDay: '2026-6-1' })],
    [/keyPrefix .*no slash at either end/, logs({ keyPrefix: '/logs' })],
  ])('fails with %s', (message, props) => {
    expect(() => tables(props)).toThrow(message);
  });

  test('fails once with all problems', () => {
    expect(() => tables({ databaseName: '!', firstBillingPeriod: '!', ...logs({ accounts: [], regions: [] }) })).toThrow(/4 problems/);
  });

  test.each(['us-east-1', 'us-gov-west-1', 'ap-southeast-3', 'us-iso-east-1', 'eusc-de-east-1'])('the Region %s is accepted', region => {
    expect(() => tables(logs({ regions: [region] }))).not.toThrow();
  });

  test('tokens pass, lists too', () => {
    const stack = makeStack();
    const accounts = new CfnParameter(stack, 'Accounts', { type: 'CommaDelimitedList' }).valueAsList;
    make(stack, {
      databaseName: Lazy.string({ produce: () => 'cost' }),
      firstBillingPeriod: new CfnParameter(stack, 'Period').valueAsString,
      invocationLogs: InvocationLogSource.fromBucketPerAccountAndRegion(Token.asString({ Ref: 'Prefix' }), {
        accounts, regions: [Lazy.string({ produce: () => 'eu-west-1' })], firstDay: new CfnParameter(stack, 'first-day').valueAsString,
      }),
    });
    expect(tablesOf(stack).invocation_logs.Parameters['projection.log_account.values']).toEqual({ 'Fn::Join': [',', { Ref: 'Accounts' }] });
    // the folders of the days have slashes where the day has hyphens
    expect(tablesOf(stack).invocation_logs.Parameters['projection.log_day.range'])
      .toEqual({ 'Fn::Join': ['', [{ 'Fn::Join': ['/', { 'Fn::Split': ['-', { Ref: 'firstday' }] }] }, ',NOW']] });
  });
});

interface Shown {
  readonly originalSql: string;
  readonly columns: { readonly name: string; readonly type: string }[];
}

/** The definition of a view of the catalog, as Athena finds it. */
function view(name: string, props?: Partial<AttributionCatalogProps>): Shown {
  const stack = makeStack();
  make(stack, props);
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::Glue::Table', { Properties: { TableInput: { Name: name } } }));
  const text = Properties.TableInput.ViewOriginalText['Fn::Join'][1][1]['Fn::Base64'] as { 'Fn::Join': [string, unknown[]] };
  return JSON.parse(text['Fn::Join'][1].map(part => typeof part === 'string' ? part : 'x').join('')) as Shown;
}

describe('the views', () => {
  test('are all there, each after those that it reads', () => {
    const stack = makeStack();
    const { views } = make(stack);
    expect(views.map(({ viewName }) => viewName)).toEqual(['bill_exports', 'route_prefixes', 'billing_regions', ...VIEW_NAMES]);
    const resources = Template.fromStack(stack).findResources('AWS::Glue::Table');
    const idOf = (name: string): string => Object.keys(resources).find(id => resources[id].Properties.TableInput.Name === name) ?? '';
    expect(resources[idOf('attributed_spend')].DependsOn).toEqual(expect.arrayContaining([idOf('billed_usage'), idOf('invocations')]));
  });

  test('read the ledger and not the raw tables, and no body as a record', () => {
    expect(view('invocations').originalSql).toContain('FROM usage_ledger');
    expect(view('billed_usage').originalSql).toContain('FROM bill_ledger');
    expect(view('invocation_records').originalSql).toContain(`NOT regexp_like("$path", '/data/[^/]+$')`);
  });

  test('know the exports of the bill, the newest first', () => {
    expect(view('bill_exports').originalSql).toContain(`split('bill-0a1b2c3d', ',')`);
  });

  test('split dollars by the keys that may ride on tags, or by those that are named', () => {
    const keysOf = (props?: Partial<AttributionCatalogProps>): string[] => view('attributed_spend', props).columns
      .map(({ name }) => name).filter(name => name.endsWith('_assurance'));
    expect(keysOf()).toEqual(['team_assurance', 'service_assurance', 'env_assurance', 'feature_assurance']);
    expect(keysOf({ spendKeys: ['team', 'request_id'] })).toEqual(['team_assurance', 'request_id_assurance']);
  });

  test.each([
    [undefined, 'coalesce(team_principal_tag, team_resource_tag)'],
    [[BillTagCarrier.RESOURCE, BillTagCarrier.IAM_PRINCIPAL], 'coalesce(team_resource_tag, team_principal_tag)'],
  ])('take the value of the tag that wins', (attributionOrder, sql) => {
    expect(view('billed_usage', { attributionOrder }).originalSql.replace(/, NULL\)/g, ')')).toContain(sql);
  });

  test('count net dollars, and settle sooner, where somebody says so', () => {
    expect(view('billed_usage', { billCost: BillCost.NET_UNBLENDED }).originalSql).toContain('coalesce(line_item_net_unblended_cost, line_item_unblended_cost) AS cost_usd');
    expect(view('attributed_spend', { settlementWindow: Duration.days(2) }).originalSql).toContain(`interval '48' hour`);
  });

  test.each([
    ['a spend key that the schema does not have', { spendKeys: ['tema'] }, 'spendKeys has "tema", which the schema does not have: use team, service'],
    ['a spend key twice', { spendKeys: ['team', 'team'] }, 'spendKeys has "team" twice: keep one'],
    ['no kind of tag', { attributionOrder: [] }, 'attributionOrder is empty: name at least one kind of tag'],
    ['half an hour', { settlementWindow: Duration.minutes(90) }, 'settlementWindow is 1 hour 30 minutes: use whole hours'],
  ])('fail for %s', (_, props, message) => {
    expect(() => view('billed_usage', props)).toThrow(message);
  });
});
