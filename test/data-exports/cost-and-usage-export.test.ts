import { App, CfnParameter, Lazy, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { CostAndUsageExport, TimeGranularity, type CostAndUsageExportProps } from '../../lib/data-exports';

const env = { account: '111122223333', region: 'us-east-1' };

function makeStack(region?: string): Stack {
  return new Stack(new App(), 'Stack', { env: { ...env, region: region ?? env.region } });
}

interface Synthesized {
  readonly query: string;
  readonly configuration: Record<string, string>;
  readonly name: string;
  readonly destination: Record<string, unknown>;
}

function synthesize(props?: CostAndUsageExportProps): Synthesized {
  const stack = makeStack();
  new CostAndUsageExport(stack, 'Export', props);
  const [resource] = Object.values(Template.fromStack(stack).findResources('AWS::BCMDataExports::Export'));
  const { Name, DataQuery, DestinationConfigurations } = resource.Properties.Export;
  return {
    query: DataQuery.QueryStatement,
    configuration: DataQuery.TableConfigurations.COST_AND_USAGE_REPORT,
    name: Name,
    destination: DestinationConfigurations.S3Destination,
  };
}

function columnsOf(query: string): string[] {
  return query.replace(/^SELECT (.*) FROM COST_AND_USAGE_REPORT$/, '$1').split(', ');
}

describe('defaults', () => {
  test('the caller is on each line: in the flag and in the SELECT', () => {
    const { configuration, query } = synthesize();
    expect(configuration.INCLUDE_IAM_PRINCIPAL_DATA).toBe('TRUE');
    expect(columnsOf(query)).toEqual(expect.arrayContaining(['line_item_iam_principal', 'tags', 'line_item_resource_id']));
  });

  test('every configuration key is stated, so that the defaults of the service do not show as drift', () => {
    expect(synthesize().configuration).toEqual({
      TIME_GRANULARITY: 'DAILY',
      INCLUDE_CAPACITY_RESERVATION_DATA: 'FALSE',
      INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE',
      INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY: 'FALSE',
      INCLUDE_RESOURCES: 'TRUE',
      INCLUDE_SPLIT_COST_ALLOCATION_DATA: 'FALSE',
    });
  });

  test('Parquet is delivered, and each period overwritten', () => {
    expect(synthesize().destination).toMatchObject({
      S3Prefix: 'cur2',
      S3Region: 'us-east-1',
      S3OutputConfigurations: { OutputType: 'CUSTOM', Format: 'PARQUET', Compression: 'PARQUET', Overwrite: 'OVERWRITE_REPORT' },
    });
  });

  test('the bucket is kept, closed to the public, owned by its account and reached by TLS only', () => {
    const stack = makeStack();
    new CostAndUsageExport(stack, 'Export');
    const template = Template.fromStack(stack);
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: {
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
      },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })]) },
    });
  });

  test('the policy covers the bucket root for this account only and is there before the export', () => {
    const stack = makeStack();
    new CostAndUsageExport(stack, 'Export');
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({
          Principal: { Service: ['bcm-data-exports.amazonaws.com', 'billingreports.amazonaws.com'] },
          Action: ['s3:GetBucketPolicy', 's3:PutObject'],
          Resource: Match.arrayWith([{ 'Fn::Join': ['', [Match.anyValue(), '/*']] }]),
          Condition: Match.objectLike({ StringEquals: { 'aws:SourceAccount': '111122223333' } }),
        })]),
      },
    });
    const [policyId] = Object.keys(template.findResources('AWS::S3::BucketPolicy'));
    template.hasResource('AWS::BCMDataExports::Export', { DependsOn: [policyId] });
  });
});

describe('the SELECT follows the flags', () => {
  test.each<[keyof CostAndUsageExportProps, string, boolean]>([
    ['includeIamPrincipalData', 'line_item_iam_principal', true],
    ['includeResources', 'line_item_resource_id', true],
    ['includeSplitCostAllocationData', 'split_line_item_split_cost', true],
    ['includeCapacityReservationData', 'capacity_reservation_capacity_reservation_arn', true],
    ['includeManualDiscountCompatibility', 'discount_total_discount', false],
    ['includeManualDiscountCompatibility', 'discount', false],
  ])('%s decides about %s', (flag, column, present) => {
    expect(columnsOf(synthesize({ [flag]: true }).query).includes(column)).toBe(present);
    expect(columnsOf(synthesize({ [flag]: false }).query).includes(column)).toBe(!present);
  });

  test.each<[keyof CostAndUsageExportProps, string]>([
    ['includeIamPrincipalData', 'INCLUDE_IAM_PRINCIPAL_DATA'],
    ['includeResources', 'INCLUDE_RESOURCES'],
    ['includeSplitCostAllocationData', 'INCLUDE_SPLIT_COST_ALLOCATION_DATA'],
    ['includeCapacityReservationData', 'INCLUDE_CAPACITY_RESERVATION_DATA'],
    ['includeManualDiscountCompatibility', 'INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY'],
  ])('%s stays as it was given', (prop, key) => {
    expect(synthesize({ [prop]: false }).configuration[key]).toBe('FALSE');
    expect(synthesize({ [prop]: true }).configuration[key]).toBe('TRUE');
  });

  test('no column is named twice, and * is never used', () => {
    const columns = columnsOf(synthesize({ includeSplitCostAllocationData: true, includeCapacityReservationData: true }).query);
    expect(columns).toHaveLength(131);
    expect(new Set(columns).size).toBe(131);
    expect(columns).not.toContain('*');
  });
});

describe('the name', () => {
  const replacing: [string, CostAndUsageExportProps][] = [
    ['granularity', { timeGranularity: TimeGranularity.HOURLY }],
    ['caller identity', { includeIamPrincipalData: false }],
    ['resources', { includeResources: false }],
    ['billing view', { billingViewArn: 'arn:aws:billing::111122223333:billingview/primary' }],
  ];

  test.each(replacing)('changes with the %s, because that replaces the export', (_, props) => {
    expect(synthesize(props).name).not.toBe(synthesize().name);
  });

  test('stays the same when only the place of delivery changes', () => {
    expect(synthesize({ prefix: 'bills', bucketName: 'example-bills' }).name).toBe(synthesize().name);
  });

  test('is the given one with the hash after it', () => {
    expect(synthesize({ exportName: 'bill' }).name).toMatch(/^bill-[0-9a-f]{8}$/);
  });

  test('does not change with a billing view that is not known at synthesis', () => {
    expect(synthesize({ billingViewArn: Lazy.string({ produce: () => 'later' }) }).name).toBe(synthesize().name);
  });
});

test('all properties reach the template', () => {
  const { configuration, destination } = synthesize({
    exportName: 'bill',
    bucketName: 'example-bills',
    prefix: 'a/b',
    timeGranularity: TimeGranularity.HOURLY,
    billingViewArn: 'arn:aws:billing::111122223333:billingview/primary',
    removalPolicy: RemovalPolicy.DESTROY,
  });
  expect(configuration).toMatchObject({ TIME_GRANULARITY: 'HOURLY', BILLING_VIEW_ARN: 'arn:aws:billing::111122223333:billingview/primary' });
  expect(destination).toMatchObject({ S3Prefix: 'a/b' });
});

test('the bucket that is made goes only when asked', () => {
  const stack = makeStack();
  new CostAndUsageExport(stack, 'Export', { bucketName: 'example-bills', removalPolicy: RemovalPolicy.DESTROY });
  Template.fromStack(stack).hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete', Properties: { BucketName: 'example-bills' } });
});

test('a bucket of another Region and account is named with both', () => {
  const app = new App();
  const elsewhere = new Stack(app, 'Elsewhere', { env: { account: '444455556666', region: 'eu-central-1' } });
  const bucket = new s3.Bucket(elsewhere, 'Bucket', { bucketName: 'example-bills' });
  const stack = new Stack(app, 'Stack', { env });
  new CostAndUsageExport(stack, 'Export', { bucket });
  Template.fromStack(stack).hasResourceProperties('AWS::BCMDataExports::Export', {
    Export: { DestinationConfigurations: { S3Destination: { S3Bucket: 'example-bills', S3Region: 'eu-central-1', S3BucketOwner: '444455556666' } } },
  });
});

test('a bucket that was imported draws a warning that names the policy it needs', () => {
  const stack = makeStack();
  new CostAndUsageExport(stack, 'Export', { bucket: s3.Bucket.fromBucketName(stack, 'Imported', 'example-bills') });
  Annotations.fromStack(stack).hasWarning('/Stack/Export', Match.stringLikeRegexp('s3:PutObject and s3:GetBucketPolicy'));
});

test('an export is known by its reference, which is its ARN', () => {
  const stack = makeStack();
  const made = new CostAndUsageExport(stack, 'Export');
  expect(stack.resolve(made.exportRef)).toEqual({ exportArn: stack.resolve(made.exportArn) });
});

test('an imported export knows where its data lies', () => {
  const stack = makeStack();
  const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'example-bills');
  const imported = CostAndUsageExport.fromCostAndUsageExportAttributes(stack, 'Import', { exportName: 'bill-0a1b2c3d', bucket, prefix: 'cur2' });
  expect(imported.dataLocation).toBe('s3://example-bills/cur2/bill-0a1b2c3d/data/');
});

describe('Regions', () => {
  test.each(['us-east-1', 'cn-northwest-1', 'us-iso-east-1', 'us-iso-west-1'])('%s is accepted', region => {
    expect(() => new CostAndUsageExport(makeStack(region), 'Export')).not.toThrow();
  });

  test('fails in a Region in which CloudFormation makes no exports', () => {
    expect(() => new CostAndUsageExport(makeStack('eu-west-1'), 'Export')).toThrow(/Region is "eu-west-1": .*us-east-1.*stack of its own/);
  });

  test('a Region that AWS has added since can be given', () => {
    expect(() => new CostAndUsageExport(makeStack('eu-west-1'), 'Export', { supportedRegions: ['us-east-1', 'eu-west-1'] })).not.toThrow();
  });

  test('a Region that is not known at synthesis passes with a warning', () => {
    const stack = new Stack(new App(), 'Stack');
    new CostAndUsageExport(stack, 'Export');
    Annotations.fromStack(stack).hasWarning('/Stack/Export', Match.stringLikeRegexp('exportRegionUnknown'));
  });
});

describe('validation', () => {
  test.each([1, 119])('a name of %d characters is accepted', length => {
    expect(synthesize({ exportName: 'x'.repeat(length) }).name.length).toBe(length + 9);
  });

  test.each(['', 'x'.repeat(120), 'my export', 'é'])('fails with the name %j', exportName => {
    expect(() => synthesize({ exportName })).toThrow(/exportName is .*use 1 to 119/);
  });

  test.each(['', '/cur2', 'cur2/', 'a//b'])('fails with the prefix %j', prefix => {
    expect(() => synthesize({ prefix })).toThrow(/prefix is .*no slash at either end/);
  });

  test('fails with a bucket and the name of a bucket together', () => {
    const stack = makeStack();
    expect(() => new CostAndUsageExport(stack, 'Export', { bucket: new s3.Bucket(stack, 'Bucket'), bucketName: 'other' }))
      .toThrow(/bucketName is "other" beside a bucket: leave it out/);
  });

  test('fails with a bucket and a removal policy, which would be for another bucket', () => {
    const stack = makeStack();
    expect(() => new CostAndUsageExport(stack, 'Export', { bucket: new s3.Bucket(stack, 'Bucket'), removalPolicy: RemovalPolicy.DESTROY }))
      .toThrow(/removalPolicy is "destroy" beside a bucket: leave it out/);
  });

  test('fails once with all problems', () => {
    const stack = makeStack('eu-west-1');
    expect(() => new CostAndUsageExport(stack, 'Export', { exportName: '!', prefix: '/' })).toThrow(/3 problems/);
  });

  test('tokens pass', () => {
    const stack = makeStack();
    const parameter = new CfnParameter(stack, 'Parameter');
    new CostAndUsageExport(stack, 'Export', {
      exportName: parameter.valueAsString,
      prefix: Lazy.string({ produce: () => 'cur2' }),
      bucketName: Token.asString({ Ref: 'Parameter' }),
      billingViewArn: parameter.valueAsString,
    });
    Template.fromStack(stack).hasResourceProperties('AWS::BCMDataExports::Export', {
      Export: { Name: { 'Fn::Join': ['', [{ Ref: 'Parameter' }, Match.stringLikeRegexp('^-[0-9a-f]{8}$')]] } },
    });
  });
});
