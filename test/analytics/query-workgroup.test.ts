import { App, CfnParameter, Lazy, RemovalPolicy, Size, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { QueryResults, QueryWorkGroup, type QueryWorkGroupProps } from '../../lib/analytics';

const TYPE = 'AWS::Athena::WorkGroup';

function makeStack(): Stack {
  return new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
}

interface Properties {
  readonly Name: unknown;
  readonly Description: string;
  readonly RecursiveDeleteOption: boolean;
  readonly WorkGroupConfiguration: {
    readonly BytesScannedCutoffPerQuery: unknown;
    readonly EnforceWorkGroupConfiguration: boolean;
    readonly PublishCloudWatchMetricsEnabled: boolean;
    readonly ManagedQueryResultsConfiguration: unknown;
    readonly ResultConfiguration?: { readonly EncryptionConfiguration: unknown };
  };
}

function synthesize(props?: QueryWorkGroupProps, stack: Stack = makeStack()): Properties {
  new QueryWorkGroup(stack, 'Queries', props);
  const [resource] = Object.values(Template.fromStack(stack).findResources(TYPE));
  return resource.Properties as Properties;
}

describe('defaults', () => {
  test('settings are enforced on engine version 3, within 100 GiB per query', () => {
    expect(synthesize()).toMatchObject({
      RecursiveDeleteOption: false,
      WorkGroupConfiguration: {
        EngineVersion: { SelectedEngineVersion: 'Athena engine version 3' },
        EnforceWorkGroupConfiguration: true,
        PublishCloudWatchMetricsEnabled: true,
        BytesScannedCutoffPerQuery: 100 * 1024 ** 3,
      },
    });
  });

  test('results are encrypted in a bucket that is kept, and expire after 30 days', () => {
    const stack = makeStack();
    expect(synthesize({}, stack).WorkGroupConfiguration.ResultConfiguration?.EncryptionConfiguration).toEqual({ EncryptionOption: 'SSE_S3' });
    Template.fromStack(stack).hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: { LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 30 })] } },
    });
  });
});

describe('results', () => {
  test('go into a given bucket, folder and key', () => {
    const stack = makeStack();
    const encryptionKey = new kms.Key(stack, 'Key');
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'example-results');
    const { WorkGroupConfiguration } = synthesize({ results: QueryResults.inBucket(bucket, { prefix: 'a/b', encryptionKey }) }, stack);
    expect(WorkGroupConfiguration.ResultConfiguration).toMatchObject({
      OutputLocation: 's3://example-results/a/b/',
      EncryptionConfiguration: { EncryptionOption: 'SSE_KMS', KmsKey: stack.resolve(encryptionKey.keyArn) },
    });
    Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 0);
  });

  test('stay with Athena, and then there is no bucket', () => {
    const stack = makeStack();
    const { WorkGroupConfiguration } = synthesize({ results: QueryResults.managed() }, stack);
    expect(WorkGroupConfiguration.ManagedQueryResultsConfiguration).toEqual({ Enabled: true });
    expect(WorkGroupConfiguration.ResultConfiguration).toBeUndefined();
    Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 0);
  });

  test('stay with Athena under a key', () => {
    const stack = makeStack();
    const encryptionKey = new kms.Key(stack, 'Key');
    const { WorkGroupConfiguration } = synthesize({ results: QueryResults.managed({ encryptionKey }) }, stack);
    expect(WorkGroupConfiguration.ManagedQueryResultsConfiguration)
      .toEqual({ Enabled: true, EncryptionConfiguration: { KmsKey: stack.resolve(encryptionKey.keyArn) } });
  });

  test('the bucket that is made goes only when asked', () => {
    const stack = makeStack();
    synthesize({ removalPolicy: RemovalPolicy.DESTROY }, stack);
    Template.fromStack(stack).hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
  });
});

test.each<[keyof QueryWorkGroupProps, (properties: Properties) => boolean]>([
  ['enforceConfiguration', ({ WorkGroupConfiguration }) => WorkGroupConfiguration.EnforceWorkGroupConfiguration],
  ['publishMetrics', ({ WorkGroupConfiguration }) => WorkGroupConfiguration.PublishCloudWatchMetricsEnabled],
  ['recursiveDelete', ({ RecursiveDeleteOption }) => RecursiveDeleteOption],
])('%s stays as it was given', (prop, read) => {
  expect(read(synthesize({ [prop]: false }))).toBe(false);
  expect(read(synthesize({ [prop]: true }))).toBe(true);
});

test('the name is given or made from the path', () => {
  expect(synthesize({ workGroupName: 'cost' }).Name).toBe('cost');
  expect(synthesize().Name).toMatch(/^[a-zA-Z0-9._-]{1,128}$/);
});

test('an imported workgroup has the ARN of its name', () => {
  const stack = makeStack();
  const imported = QueryWorkGroup.fromWorkGroupName(stack, 'Import', 'cost');
  expect(JSON.stringify(stack.resolve(imported.workGroupArn))).toContain(':athena:us-east-1:111122223333:workgroup/cost');
  expect(imported.workGroupRef).toEqual({ workGroupName: 'cost' });
});

test('a workgroup is known by its reference, its ARN and its bucket', () => {
  const stack = makeStack();
  const workGroup = new QueryWorkGroup(stack, 'Queries');
  expect(workGroup.workGroupRef.workGroupName).toBe(workGroup.workGroupName);
  expect(JSON.stringify(stack.resolve(workGroup.workGroupArn))).toContain(':workgroup/');
  expect(workGroup.resultsBucket).toBeDefined();
});

describe('validation', () => {
  test.each(['a', 'x'.repeat(128), 'a.b_c-d'])('the name %j is accepted', workGroupName => {
    expect(synthesize({ workGroupName }).Name).toBe(workGroupName);
  });

  test.each<[RegExp, QueryWorkGroupProps]>([
    [/workGroupName is "": use 1 to 128/, { workGroupName: '' }],
    [/workGroupName is "x{129}"/, { workGroupName: 'x'.repeat(129) }],
    [/workGroupName is "a b"/, { workGroupName: 'a b' }],
    [/description has 1025 characters: use at most 1024/, { description: 'x'.repeat(1025) }],
    [/bytesScannedCutoff is 9999999 bytes: use at least 10000000/, { bytesScannedCutoff: Size.bytes(9_999_999) }],
    [/removalPolicy is "destroy" beside results: leave it out/, { results: QueryResults.managed(), removalPolicy: RemovalPolicy.DESTROY }],
    [/the prefix of the results is "\/a"/, { results: QueryResults.inBucket(s3.Bucket.fromBucketName(makeStack(), 'B', 'example'), { prefix: '/a' }) }],
  ])('fails with %s', (message, props) => {
    expect(() => synthesize(props)).toThrow(message);
  });

  test('the smallest cutoff of Athena and the longest description are accepted', () => {
    const { WorkGroupConfiguration, Description } = synthesize({ bytesScannedCutoff: Size.bytes(10_000_000), description: 'x'.repeat(1024) });
    expect(WorkGroupConfiguration.BytesScannedCutoffPerQuery).toBe(10_000_000);
    expect(Description).toHaveLength(1024);
  });

  test('fails once with all problems', () => {
    expect(() => synthesize({ workGroupName: '', bytesScannedCutoff: Size.bytes(1) })).toThrow(/2 problems/);
  });

  test('tokens pass', () => {
    const stack = makeStack();
    const parameter = new CfnParameter(stack, 'Cutoff', { type: 'Number' });
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'example-results');
    const { Name, WorkGroupConfiguration } = synthesize({
      workGroupName: Token.asString({ Ref: 'Name' }),
      description: Lazy.string({ produce: () => 'later' }),
      bytesScannedCutoff: Size.bytes(parameter.valueAsNumber),
      results: QueryResults.inBucket(bucket, { prefix: Lazy.string({ produce: () => 'later' }) }),
    }, stack);
    expect(Name).toEqual({ Ref: 'Name' });
    expect(WorkGroupConfiguration.BytesScannedCutoffPerQuery).toEqual({ Ref: 'Cutoff' });
  });
});
