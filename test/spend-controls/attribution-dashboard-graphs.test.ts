import { Stack } from 'aws-cdk-lib';
import { ApplicationInferenceProfile, InferenceProfileFleet } from '../../lib/inference-profiles';
import { CostAllocationTagActivation, type AttributionDashboardProps } from '../../lib/spend-controls';
import { linesOf, type Line, type Published } from './dashboard-lines';
import { everything, makeProfiles, makeStack, MODEL, REGION, SCHEMA, titled, widgetsOf } from './dashboard-world';

const bedrockMetric = (name: string, value: number, ModelId = 'amazon.nova-lite-v1:0'): Published =>
  ({ namespace: 'AWS/Bedrock', name, value, dimensions: { ModelId } });

describe('graphs', () => {
  const lines = (title: string, account: Published[], props?: Partial<AttributionDashboardProps>, stack?: Stack): Line[] =>
    linesOf(titled(widgetsOf(props, stack), title), account);

  test('add up the tokens of all models, and show each model', () => {
    const account = [
      bedrockMetric('InputTokenCount', 3), bedrockMetric('InputTokenCount', 4, 'other'), bedrockMetric('OutputTokenCount', 5),
      { ...bedrockMetric('InputTokenCount', 100), dimensions: { ModelId: 'image', ImageSize: '512' } },
      { ...bedrockMetric('InputTokenCount', 100), namespace: 'AWS/Bedrock/Guardrails' },
    ];
    expect(lines('Tokens', account)).toEqual([
      { label: 'input', statistic: 'Sum', value: 7 }, { label: 'output', statistic: 'Sum', value: 5 },
    ]);
    expect(lines('Input tokens by model', account)).toEqual([
      { label: 'amazon.nova-lite-v1:0', statistic: 'Sum', value: 3 }, { label: 'other', statistic: 'Sum', value: 4 },
    ]);
  });

  test.each([
    ['CacheReadInputTokens', 'CacheWriteInputTokens'], ['CacheReadInputTokenCount', 'CacheWriteInputTokenCount'],
  ])('show cache tokens that an account has as %s and %s', (read, write) => {
    const account = [bedrockMetric(read, 6), bedrockMetric(write, 7)];
    expect(lines('Tokens', account).map(({ label, value }) => [label, value])).toEqual([[`cache read (${read})`, 6], [`cache write (${write})`, 7]]);
    expect(lines('Cache-read tokens by model', account)).toEqual([{ label: `amazon.nova-lite-v1:0 ${read}`, statistic: 'Sum', value: 6 }]);
    expect(lines('Cache-write tokens by model', account)).toEqual([{ label: `amazon.nova-lite-v1:0 ${write}`, statistic: 'Sum', value: 7 }]);
  });

  test('show the tokens of a service under its labels, and of no other service', () => {
    const stack = makeStack();
    const services = { checkout: { profiles: makeProfiles(stack, ['Nova', 'Claude']) }, search: { profiles: makeProfiles(stack, ['Other']) } };
    const account = [
      bedrockMetric('InputTokenCount', 1, '<Nova>'), bedrockMetric('OutputTokenCount', 2, '<Nova>'),
      bedrockMetric('CacheReadInputTokenCount', 3, '<Nova>'), bedrockMetric('CacheWriteInputTokens', 4, '<Claude>'),
      bedrockMetric('InputTokenCount', 5, '<Other>'), bedrockMetric('InputTokenCount', 6),
    ];
    expect(lines('checkout', account, { services }, stack).map(({ label, value }) => [label, value])).toEqual([
      ['Claude cache write', 4], ['Nova input', 1], ['Nova output', 2], ['Nova cache read', 3],
    ]);
  });

  test('take profiles of a fleet, single ones and imported ones', () => {
    const stack = makeStack();
    const attribution = { team: 'a', service: 'b', env: 'c' };
    const fleet = new InferenceProfileFleet(stack, 'Fleet', { schema: SCHEMA, services: { checkout: { attribution, models: { nova: MODEL } } } });
    const inferenceProfileArn = stack.formatArn({ service: 'bedrock', resource: 'application-inference-profile', resourceName: 'abc123def456' });
    const profiles = {
      fleet: fleet.profile('checkout', 'nova'),
      single: new ApplicationInferenceProfile(stack, 'Single', { schema: SCHEMA, attribution: { ...attribution, service: 'd' }, modelSource: MODEL }),
      imported: ApplicationInferenceProfile.fromApplicationInferenceProfileAttributes(stack, 'Imported', { inferenceProfileArn, modelSource: MODEL }),
    };
    const graph = titled(widgetsOf({ services: { all: { profiles } } }, stack), 'all');
    const ids = graph.properties.metrics!.flatMap(([, name, , id]) => name === 'InputTokenCount' ? [id] : []);
    expect(ids).toEqual([expect.stringMatching(/^<Fleet\w+>$/), 'abc123def456', expect.stringMatching(/^<Single\w+>$/)]);
  });

  test.each([
    ['Calls by model', 'Invocations', 'Sum'],
    ['Client errors by model', 'InvocationClientErrors', 'Sum'],
    ['Server errors by model', 'InvocationServerErrors', 'Sum'],
    ['Throttled requests by model', 'InvocationThrottles', 'Sum'],
    ['Latency, average', 'InvocationLatency', 'Average'],
    ['Latency, p90', 'InvocationLatency', 'p90'],
    ['Latency, p99', 'InvocationLatency', 'p99'],
    ['Time to first token, p90', 'TimeToFirstToken', 'p90'],
  ])('%s shows %s', (title, metric, statistic) => {
    const others = ['InputTokenCount', 'Invocations', 'InvocationLatency'].filter(name => name !== metric).map(name => bedrockMetric(name, 1));
    expect(lines(title, [...others, bedrockMetric(metric, 2)])).toEqual([{ label: 'amazon.nova-lite-v1:0', statistic, value: 2 }]);
  });

  test.each([
    ['Deliveries to S3', 'ModelInvocationLogsS3Delivery'],
    ['Deliveries to CloudWatch Logs', 'ModelInvocationLogsCloudWatchDelivery'],
    ['Deliveries of large bodies', 'ModelInvocationLargeDataS3Delivery'],
  ])('%s shows successes and failures, whatever dimensions they have', (title, metric) => {
    const known: Published['dimensions'][] = [{}, { ModelId: 'Across all model IDs' }, { Other: 'x' }];
    for (const dimensions of known) {
      const account = [1, 2].map(value => ({ ...bedrockMetric(`${metric}${value === 1 ? 'Success' : 'Failure'}`, value), dimensions }));
      expect(lines(title, account).map(({ label, value }) => [label, value])).toEqual([['success', 1], ['failure', 2]]);
    }
  });

  test.each([
    ['Tokens by project', [['proj_1 input', 2], ['proj_1 output', 2]]],
    ['Tokens by model', [['m input', 3], ['m output', 3]]],
    ['Calls by project', [['proj_1', 2]]],
    ['Client errors by project', [['proj_1', 2]]],
  ])('of bedrock-mantle: %s counts each call at one level', (title, expected) => {
    const levels: Published['dimensions'][] = [{}, { Project: 'proj_1' }, { Model: 'm' }, { Project: 'proj_1', Model: 'm' }];
    const account = ['TotalInputTokens', 'TotalOutputTokens', 'Inferences', 'InferenceClientErrors'].flatMap(name =>
      levels.map((dimensions, index): Published => ({ namespace: 'AWS/BedrockMantle', name, dimensions, value: index + 1 })));
    expect(lines(title, account).map(({ label, value }) => [label, value])).toEqual(expected);
  });

  test('show every tag of the schema where its activation measures it, and how long one is pending', () => {
    const stack = makeStack();
    const props = everything(stack);
    const own = (name: string, value: number, dimensions = {}): Published =>
      ({ namespace: 'BedrockCostAttribution', name, value, dimensions: { StackName: 'Stackus-east-1', ...dimensions } });
    const { tagKeys } = props.tagActivation!;
    const account = [
      ...tagKeys.map(TagKey => own('CostAllocationTagActive', 1, { TagKey })), own('LongestPendingSeconds', 3 * 86_400), own('RefusedCostAllocationTags', 2),
    ];
    const widgets = widgetsOf(props, stack);
    expect(linesOf(titled(widgets, 'Active tags'), account).map(({ label }) => label)).toEqual(tagKeys);
    expect(linesOf(titled(widgets, 'Days pending, longest'), account)).toEqual([{ label: 'days', statistic: 'Maximum', value: 3 }]);
    expect(linesOf(titled(widgets, 'Refused tags'), account)).toEqual([{ label: 'refused', statistic: 'Maximum', value: 2 }]);
    for (const title of ['Active tags', 'Days pending, longest', 'Refused tags']) {
      expect(titled(widgets, title).properties).toMatchObject({ region: 'us-east-1', accountId: '999988887777' });
    }
  });

  test('are of the Region of the dashboard and name no account, but for tags that are activated elsewhere', () => {
    const stack = makeStack();
    const tagActivation = new CostAllocationTagActivation(stack, 'Tags', { schema: SCHEMA });
    for (const { type, properties } of widgetsOf({ ...everything(stack), tagActivation }, stack).filter(widget => ['metric', 'log'].includes(widget.type))) {
      expect([type, properties.region, properties.accountId]).toEqual([type, REGION, undefined]);
    }
  });
});
