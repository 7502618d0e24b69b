import { App, Lazy, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as fc from 'fast-check';
import { record } from '../../cli/test/helpers/world';
import {
  InvocationLogMetricFilters, InvocationMeasure, type InvocationLogMetricFiltersProps,
} from '../../lib/invocation-logging/invocation-log-metric-filters';
import { AttributionKey, AttributionSchema, Cardinality, Carrier } from '../../lib/schema';
import { nagFindings } from '../nag/nag-findings';
import { matchesFilterPattern } from './matches-filter-pattern';

const PERMISSION_CHECK = 'Permissions are correctly set for Amazon Bedrock logs.';
const TEAMS = ['search', 'payments'];
const ENVS = ['dev', 'prod'];

function key(name: string, props: Partial<Parameters<typeof AttributionKey.of>[1]> = {}): AttributionKey {
  return AttributionKey.of(name, { description: name, ...props });
}

function schemaOf(...keys: AttributionKey[]): AttributionSchema {
  return new AttributionSchema({ version: 1, keys });
}

const SCHEMA = schemaOf(
  key('team', { allowedValues: TEAMS }), key('squad', { deprecatedInFavourOf: 'team' }), key('env', { allowedValues: ENVS }), key('feature'),
  key('employee', { personal: true, allowedValues: ['ada'] }), key('request_id', { cardinality: Cardinality.HIGH, allowedValues: ['a'] }),
  key('stage', { carriers: [Carrier.RESOURCE_TAG], allowedValues: ['a'] }), key('site', { allowedValues: ['a\tb'], carriers: [Carrier.REQUEST_METADATA] }),
  key('tier_name', { allowedValues: ['a'] }),
);

interface Filter {
  readonly logicalId: string;
  readonly pattern: string;
  readonly metricName: string;
  readonly metricValue: string;
  readonly defaultValue?: number;
  readonly dimensions?: { readonly Key: string; readonly Value: string }[];
}

function makeStack(): Stack {
  return new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
}

function filters(props: Partial<InvocationLogMetricFiltersProps> = {}): Filter[] {
  const stack = makeStack();
  new InvocationLogMetricFilters(stack, 'Filters', { schema: SCHEMA, logGroup: new logs.LogGroup(stack, 'Logs'), ...props });
  return Object.entries(Template.fromStack(stack).findResources('AWS::Logs::MetricFilter')).map(([logicalId, { Properties }]) => {
    const [{ MetricName, MetricValue, DefaultValue, Dimensions }] = Properties.MetricTransformations;
    const metric = { metricName: MetricName, metricValue: MetricValue, defaultValue: DefaultValue, dimensions: Dimensions };
    return { logicalId, pattern: Properties.FilterPattern, ...metric };
  });
}

function fieldOf(message: string, path: string): unknown {
  return path.slice(2).split('.').reduce<unknown>((map, name) => (map as Record<string, unknown>)[name], JSON.parse(message));
}

/** What the metrics of a measure sum up to, by the values of their dimensions; `all` for the one without. */
function published(made: Filter[], measure: InvocationMeasure, messages: string[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { pattern, metricValue, dimensions } of made.filter(({ metricName }) => metricName === measure.toString())) {
    for (const message of messages.filter(text => matchesFilterPattern(pattern, text))) {
      const series = dimensions?.map(({ Key, Value }) => `${Key}=${String(fieldOf(message, Value))}`).sort().join() ?? 'all';
      sums[series] = (sums[series] ?? 0) + (metricValue === '1' ? 1 : Number(fieldOf(message, metricValue)));
    }
  }
  return sums;
}

describe('filters', () => {
  test('are one for each measure when no key is a dimension, with a zero where nothing matches', () => {
    expect(filters().map(({ metricName, defaultValue, dimensions }) => ({ metricName, defaultValue, dimensions }))).toEqual(
      Object.values(InvocationMeasure).map(metricName => ({ metricName, defaultValue: 0, dimensions: undefined })));
  });

  test('with dimensions stand beside those without, and have no default value', () => {
    const made = filters({ dimensionKeys: ['env'] });
    expect(made.filter(({ dimensions }) => dimensions === undefined)).toHaveLength(6);
    const declared = made.filter(({ dimensions }) => dimensions !== undefined);
    expect(declared.map(({ dimensions, defaultValue }) => ({ dimensions, defaultValue }))).toEqual(
      Array(6).fill({ dimensions: [{ Key: 'env', Value: '$.requestMetadata.env' }], defaultValue: undefined }));
  });

  test('publish to a namespace of their own, or the one that is given', () => {
    const stack = makeStack();
    const logGroup = new logs.LogGroup(stack, 'Logs');
    new InvocationLogMetricFilters(stack, 'Filters', { schema: SCHEMA, logGroup, metricNamespace: 'Own' });
    Template.fromStack(stack).allResourcesProperties('AWS::Logs::MetricFilter', {
      MetricTransformations: [Match.objectLike({ MetricNamespace: 'Own', Unit: 'Count' })],
    });
  });

  test('keep their logical ids when the keys change places', () => {
    const ids = (dimensionKeys: string[]): string[] => filters({ dimensionKeys }).map(({ logicalId }) => logicalId).sort();
    expect(ids(['env', 'team'])).toEqual(ids(['team', 'env']));
  });

  test('take tokens for what is not needed at synthesis', () => {
    const stack = makeStack();
    expect(() => new InvocationLogMetricFilters(stack, 'Filters', {
      schema: SCHEMA, dimensionKeys: ['team'], maximumSeries: Token.asNumber(Lazy.number({ produce: () => 5 })),
      metricNamespace: Lazy.string({ produce: () => 'Own' }), logGroup: logs.LogGroup.fromLogGroupName(stack, 'Logs', Lazy.string({ produce: () => 'logs' })),
    })).not.toThrow();
  });

  test('are clean', () => {
    expect(nagFindings(stack => {
      const logGroup = logs.LogGroup.fromLogGroupName(stack, 'Logs', 'logs');
      new InvocationLogMetricFilters(stack, 'Filters', { schema: SCHEMA, logGroup, dimensionKeys: ['team', 'env'] });
    })).toEqual([]);
  });
});

describe('metrics', () => {
  const call = { requestId: '1', input: 1, output: 2, cacheRead: 3, cacheWrite: 4, metadata: { env: 'prod' } };

  test.each([
    [InvocationMeasure.CALLS, 1], [InvocationMeasure.INPUT_TOKENS, 1], [InvocationMeasure.OUTPUT_TOKENS, 2],
    [InvocationMeasure.CACHE_READ_TOKENS, 3], [InvocationMeasure.CACHE_WRITE_TOKENS, 4],
  ])('of %s count %d for a call', (measure, sum) => {
    expect(published(filters({ dimensionKeys: ['env'] }), measure, [PERMISSION_CHECK, record(call)])).toEqual({ 'all': sum, 'env=prod': sum });
  });

  test('count a failed call as a call and as a failed one, without tokens', () => {
    const failed = JSON.stringify({ ...JSON.parse(record(call)), errorCode: 'ThrottlingException' });
    const sums = Object.values(InvocationMeasure).map(measure => [measure, published(filters(), measure, [failed]).all]);
    expect(Object.fromEntries(sums)).toEqual({ Calls: 1, FailedCalls: 1 });
  });

  test.each([
    ['a value that is not allowed', { env: 'forged' }], ['a value that differs in case', { env: 'PROD' }], ['no value', {}], ['no metadata', undefined],
  ])('count a call with %s without dimensions only', (_, metadata) => {
    expect(published(filters({ dimensionKeys: ['env'] }), InvocationMeasure.CALLS, [record({ requestId: '1', metadata })])).toEqual({ all: 1 });
  });

  test.each([
    ['the former name of a key under the one in use', { squad: 'search' }, 'search'],
    ['the name in use when both are there', { team: 'payments', squad: 'search' }, 'payments'],
  ])('count %s', (_, metadata, team) => {
    expect(published(filters({ dimensionKeys: ['team'] }), InvocationMeasure.CALLS, [record({ requestId: '1', metadata })])).toEqual({ all: 1, [`team=${team}`]: 1 });
  });

  test('count each call once at most, whatever it declares and however many values are allowed', () => {
    const values = fc.uniqueArray(fc.stringMatching(/^[a-z0-9 :_@$#=/+,.-]{0,30}[a-z]$/), { minLength: 1, maxLength: 60 });
    fc.assert(fc.property(values, fc.array(fc.tuple(fc.nat(70), fc.option(fc.constantFrom(...ENVS)))), (teams, calls) => {
      const schema = schemaOf(
        key('team', { allowedValues: teams, carriers: [Carrier.REQUEST_METADATA] }), key('env', { allowedValues: ENVS }),
      );
      const made = filters({ schema, dimensionKeys: ['team', 'env'], maximumSeries: 120 });
      const messages = calls.map(([place, env]) => record({ requestId: '1', metadata: { team: teams[place] ?? 'forged', ...env === null ? {} : { env } } }));
      const expected: Record<string, number> = messages.length === 0 ? {} : { all: messages.length };
      for (const [place, env] of calls.filter(([at, given]) => at < teams.length && given !== null)) {
        const series = `env=${env!},team=${teams[place]}`;
        expected[series] = (expected[series] ?? 0) + 1;
      }
      expect(published(made, InvocationMeasure.CALLS, messages)).toEqual(expected);
      expect(Math.max(...made.map(({ pattern }) => pattern.length))).toBeLessThanOrEqual(1024);
    }), { endOnFailure: true, numRuns: 15 });
  });

  test('are handed out as sums over five minutes, of all calls or of some', () => {
    const stack = makeStack();
    const made = new InvocationLogMetricFilters(stack, 'Filters', { schema: SCHEMA, logGroup: new logs.LogGroup(stack, 'Logs'), dimensionKeys: ['env'] });
    expect(made.metric(InvocationMeasure.INPUT_TOKENS)).toMatchObject({
      namespace: 'BedrockCostAttribution/Invocations', metricName: 'InputTokens', statistic: 'Sum', region: 'us-east-1',
    });
    const ofEnv = made.metric(InvocationMeasure.CALLS, { dimensionsMap: { env: 'prod' }, statistic: 'SampleCount' });
    expect(ofEnv).toMatchObject({ dimensions: { env: 'prod' }, statistic: 'SampleCount' });
    expect(made.dimensionKeys).toEqual(['env']);
  });
});

describe('fails', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => `v${index}`);

  test.each([
    ['a key that the schema does not know', ['tema'], 'names "tema", which the schema does not know; use team, env, tier_name, or change the schema'],
    ['a key twice', ['env', 'env'], 'names "env" twice; name it once'],
    ['a deprecated key', ['squad'], 'names "squad", which is deprecated; name team'],
    ['a key without listed values', ['feature'], 'names "feature", which may take any value; list its allowedValues in the schema or leave it out, because every combination'],
    ['a key of persons', ['employee'], 'names "employee", which identifies persons; leave it out, because every combination of values is a custom metric'],
    ['a key of high cardinality', ['request_id'], 'names "request_id", which is of high cardinality'],
    ['a key that rides on tags only', ['stage'], 'names "stage", which does not ride on request metadata'],
    ['a value that is no dimension', ['site'], 'names "site", which may be "a\\tb"; dimensions take printable ASCII'],
    ['four keys', ['team', 'env', 'tier_name', 'feature'], 'dimensionKeys names 4 keys; a metric filter has at most 3 dimensions, so leave out 1'],
  ])('with %s', (_, dimensionKeys, message) => {
    expect(() => filters({ dimensionKeys })).toThrow(message);
  });

  test.each([[0], [1000], [1.5]])('with at most %d combinations', maximumSeries => {
    expect(() => filters({ maximumSeries })).toThrow(`maximumSeries is ${maximumSeries}; use a whole number from 1 to 999`);
  });

  test.each([[''], ['a:b'], ['AWS/Bedrock'], [' '], ['a'.repeat(256)]])('with the namespace %j', metricNamespace => {
    expect(() => filters({ metricNamespace })).toThrow(`metricNamespace is ${JSON.stringify(metricNamespace)}; use 1 to 255 characters`);
  });

  test('with more combinations than allowed, and names what they are made of', () => {
    const schema = schemaOf(key('team', { allowedValues: hundred }), key('env', { allowedValues: ENVS }));
    expect(() => filters({ schema, dimensionKeys: ['team', 'env'] })).toThrow(
      'dimensionKeys make 200 combinations of values (100 of team times 2 of env); at most 100 are allowed, so name fewer keys or raise maximumSeries: every combination');
    expect(filters({ schema, dimensionKeys: ['team'] })).not.toHaveLength(0);
    expect(filters({ schema, dimensionKeys: ['team', 'env'], maximumSeries: 200 })).not.toHaveLength(0);
  });

  test('with values that need more filters than a log group has', () => {
    const schema = schemaOf(key('team', { allowedValues: hundred.map(value => value.padEnd(256, 'x')) }));
    expect(() => filters({ schema, dimensionKeys: ['team'] })).toThrow(/the values of dimensionKeys need \d{3} metric filters; a log group has at most 100/);
  });

  test('with values that fit into no pattern', () => {
    const long = ['a', 'b', 'c'].map(letter => key(letter.repeat(64), { allowedValues: [letter.repeat(256)] }));
    expect(() => filters({ schema: schemaOf(...long), dimensionKeys: long.map(({ name }) => name) })).toThrow(
      /the filter pattern for a{64} "a{256}", b{64} "b{256}", c{64} "c{256}" has \d+ characters; at most 1024 are allowed/);
  });

  test('with everything that is wrong at once', () => {
    expect(() => filters({ dimensionKeys: ['employee', 'request_id', 'tema'], maximumSeries: 0, metricNamespace: '' })).toThrow(
      'the invocation log metric filters has 6 problems');
  });
});
