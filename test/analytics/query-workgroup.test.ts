import { App, CfnParameter, Duration, Lazy, RemovalPolicy, Size, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { QueryResults, QueryWorkGroup, type QueryWorkGroupProps } from '../../lib/analytics';
import { nagFindings } from '../nag/nag-findings';

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

  test.each([
    ['the account of its construct', {}, '111122223333'],
    ['another one that is named', { expectedBucketOwner: '444455556666' }, '444455556666'],
  ])('go into a bucket only if it belongs to %s', (_case, options, owner) => {
    const stack = makeStack();
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'example-results');
    const { WorkGroupConfiguration } = synthesize({ results: QueryResults.inBucket(bucket, options) }, stack);
    expect(WorkGroupConfiguration.ResultConfiguration).toMatchObject({ ExpectedBucketOwner: owner });
  });

  test('both places are stated in either case, so that nothing stays of the one before', () => {
    expect(synthesize({ results: QueryResults.managed() }).WorkGroupConfiguration).toMatchObject({
      ManagedQueryResultsConfiguration: { Enabled: true }, ResultConfiguration: {},
    });
    expect(synthesize().WorkGroupConfiguration).toMatchObject({
      ManagedQueryResultsConfiguration: { Enabled: false },
      ResultConfiguration: {
        OutputLocation: expect.anything() as unknown, ExpectedBucketOwner: '111122223333', EncryptionConfiguration: { EncryptionOption: 'SSE_S3' },
      },
    });
  });

  test.each([1, 400])('in the bucket that is made expire after %d days when that is said', (days) => {
    const stack = makeStack();
    synthesize({ resultsExpireAfter: Duration.days(days) }, stack);
    Template.fromStack(stack).hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: days })] },
    });
  });

  test('stay with Athena, and then there is neither a bucket nor a place in one', () => {
    const stack = makeStack();
    const { WorkGroupConfiguration } = synthesize({ results: QueryResults.managed() }, stack);
    expect(WorkGroupConfiguration.ManagedQueryResultsConfiguration).toEqual({ Enabled: true });
    expect(WorkGroupConfiguration.ResultConfiguration).toEqual({});
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

test('a workgroup is imported with the place of its results', () => {
  const results = QueryResults.managed();
  const imported = QueryWorkGroup.fromQueryWorkGroupAttributes(makeStack(), 'Import', { workGroupName: 'cost', results });
  expect(imported.results).toBe(results);
  expect(imported.workGroupName).toBe('cost');
});

describe('tags', () => {
  const tagged = (tags: Record<string, string>): unknown => (synthesize({ tags }) as unknown as { Tags?: unknown }).Tags;

  test('are on the workgroup', () => {
    expect(tagged({ team: 'payments' })).toEqual([{ Key: 'team', Value: 'payments' }]);
  });

  test('are none unless there are any', () => {
    expect(tagged({})).toBeUndefined();
  });

  test('fifty of them, with the longest keys and values, are accepted', () => {
    const key = (index: number): string => `${index}`.padEnd(128, 'k');
    expect(tagged(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [key(index), 'v'.repeat(256)])))).toHaveLength(50);
  });
});

describe('the alarm', () => {
  test('goes off when the queries of a day scan more than a tebibyte, however they end', () => {
    const stack = makeStack();
    synthesize({}, stack);
    const scanned = (...dimensions: [string, string][]): object => Match.objectLike({ MetricStat: {
      Metric: {
        Namespace: 'AWS/Athena',
        MetricName: 'ProcessedBytes',
        Dimensions: Match.arrayWith(dimensions.map(([Name, Value]) => ({ Name, Value }))),
      },
      Period: 86_400,
      Stat: 'Sum',
      Unit: 'Bytes',
    } });
    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmDescription: Match.stringLikeRegexp('Runbook: .*/query-scan-high.md$'),
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 1,
      Threshold: 1024 ** 4,
      TreatMissingData: 'notBreaching',
      Metrics: Match.arrayWith([
        Match.objectLike({ Expression: 'MAX([FILL(together, 0), FILL(succeeded, 0) + FILL(failed, 0) + FILL(canceled, 0)])' }),
        ...['SUCCEEDED', 'FAILED', 'CANCELED'].map(state => scanned(['QueryState', state], ['QueryType', 'DML'])),
      ]),
    });
  });

  test('goes off at what is said, and tells the topic', () => {
    const stack = makeStack();
    synthesize({ dailyScanThreshold: Size.gibibytes(1), alarmTopic: new sns.Topic(stack, 'Topic') }, stack);
    const told = [{ Ref: Match.stringLikeRegexp('^Topic') }];
    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', { Threshold: 1024 ** 3, AlarmActions: told, OKActions: told });
  });

  test('is not there where nothing is measured', () => {
    const stack = makeStack();
    expect(new QueryWorkGroup(stack, 'Queries', { publishMetrics: false }).scanAlarm).toBeUndefined();
    Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Alarm', 0);
  });
});

describe('metrics', () => {
  const queries = (): QueryWorkGroup => new QueryWorkGroup(makeStack(), 'Queries', { workGroupName: 'cost' });

  test('are those of the workgroup, narrowed down as is said', () => {
    expect(queries().metric('QueryQueueTime', { dimensionsMap: { QueryType: 'DML' } })).toMatchObject({
      namespace: 'AWS/Athena', metricName: 'QueryQueueTime', dimensions: { QueryType: 'DML', WorkGroup: expect.anything() as unknown },
    });
  });

  test('count the queries that failed', () => {
    expect(queries().metricFailedQueries()).toMatchObject({
      metricName: 'TotalExecutionTime', statistic: 'SampleCount', dimensions: { QueryType: 'DML', QueryState: 'FAILED' }, period: Duration.hours(1),
    });
    expect(queries().metricFailedQueries({ period: Duration.minutes(5) }).period.toMinutes()).toBe(5);
  });

  test('sum bytes over the period that is said', () => {
    const { usingMetrics, period } = queries().metricProcessedBytes({ period: Duration.hours(6) });
    expect(period.toHours()).toBe(6);
    expect(Object.keys(usingMetrics).sort()).toEqual(['canceled', 'failed', 'succeeded', 'together']);
  });

  test('are there for an imported workgroup as well', () => {
    expect(QueryWorkGroup.fromWorkGroupName(makeStack(), 'Import', 'cost').metricFailedQueries().dimensions).toMatchObject({ WorkGroup: 'cost' });
  });
});

test('AwsSolutions finds nothing', () => {
  expect(nagFindings((stack) => {
    new QueryWorkGroup(stack, 'Queries', { tags: { team: 'payments' } });
    new QueryWorkGroup(stack, 'Managed', { results: QueryResults.managed() });
  })).toEqual([]);
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
    [/the expectedBucketOwner of the results is "123": use the 12 digits/, {
      results: QueryResults.inBucket(s3.Bucket.fromBucketName(makeStack(), 'C', 'example'), { expectedBucketOwner: '123' }),
    }],
    [/resultsExpireAfter is 0 days: use whole days, at least 1/, { resultsExpireAfter: Duration.days(0) }],
    [/resultsExpireAfter is 1.5 days: use whole days/, { resultsExpireAfter: Duration.hours(36) }],
    [/resultsExpireAfter is given beside results/, { resultsExpireAfter: Duration.days(1), results: QueryResults.managed() }],
    [/dailyScanThreshold is 0 bytes: use more than 0/, { dailyScanThreshold: Size.bytes(0) }],
    [/dailyScanThreshold is given and publishMetrics is false/, { dailyScanThreshold: Size.gibibytes(1), publishMetrics: false }],
    [/alarmTopic is given and publishMetrics is false/, { alarmTopic: sns.Topic.fromTopicArn(makeStack(), 'T', 'arn:aws:sns:us-east-1:111122223333:t'), publishMetrics: false }],
    [/tags has 51 entries: use at most 50/, { tags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 'v'])) }],
    [/tags has the key "": use 1 to 128/, { tags: { '': 'v' } }],
    [/tags has the key "k{129}"/, { tags: { ['k'.repeat(129)]: 'v' } }],
    [/tags has the key "aws:team"/, { tags: { 'aws:team': 'v' } }],
    [/the value of tag "team" has 257 characters: use at most 256/, { tags: { team: 'v'.repeat(257) } }],
  ])('fails with %s', (message, props) => {
    expect(() => synthesize(props)).toThrow(message);
  });

  test('fails for an imported workgroup that cannot exist', () => {
    expect(() => QueryWorkGroup.fromWorkGroupName(makeStack(), 'Import', 'a b')).toThrow(/the imported query workgroup has 1 problem.*\n.*"a b"/);
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
      dailyScanThreshold: Size.bytes(parameter.valueAsNumber),
      results: QueryResults.inBucket(bucket, { prefix: Lazy.string({ produce: () => 'later' }), expectedBucketOwner: Token.asString({ Ref: 'Owner' }) }),
      tags: { [Token.asString({ Ref: 'Key' })]: Token.asString({ Ref: 'Value' }) },
    }, stack);
    expect(Name).toEqual({ Ref: 'Name' });
    expect(WorkGroupConfiguration.BytesScannedCutoffPerQuery).toEqual({ Ref: 'Cutoff' });
  });

  test('a time to expiry that is known at deployment only passes', () => {
    const stack = makeStack();
    const parameter = new CfnParameter(stack, 'Days', { type: 'Number' });
    expect(() => synthesize({ resultsExpireAfter: Duration.days(parameter.valueAsNumber) }, stack)).not.toThrow();
  });
});
