import { ArnFormat, Stack, Token } from 'aws-cdk-lib';
import type { IApplicationInferenceProfileRef } from 'aws-cdk-lib/aws-bedrock';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { IInvocationLogQueries, InvocationLogQuery } from '../invocation-logging';
import { profileArn } from '../private/arns';
import { METRIC_NAMESPACE, STACK_DIMENSION } from '../private/handlers/constants';
import { runbookUrl } from '../private/runbook';
import { Cardinality, type AttributionKey, type AttributionSchema } from '../schema';
import type { DashboardService } from './attribution-dashboard';
import type { CostAllocationTagActivation } from './cost-allocation-tag-activation';
import { eachOf, graph, inRows, numbers, type DashboardSection, type MetricPlace } from './dashboard-graphs';
import { BEDROCK_NAMESPACE, byModel, MODEL_DIMENSION, TOKEN_METRICS } from './dashboard-metric-sections';
import { LONGEST_PENDING_METRIC, REFUSED_TAGS_METRIC, TAG_ACTIVE_METRIC, TAG_KEY_DIMENSION, tagKeyDimensionValue } from './handlers/constants';

/** A service, with its name. */
export interface NamedService {
  readonly name: string;
  /** What the service calls models through, by label. */
  readonly profiles: [string, IApplicationInferenceProfileRef][];
}

/** Most rows of a table that are seen without scrolling. */
const TABLE_HEIGHT = 7;

/** Saved queries that are shown beside those by key. Models and operations are left to the metrics, which cost nothing to look at. */
const SHOWN_QUERIES = ['by-caller', 'errors', 'missing-required-keys'];

/** Services and their profiles with the names that they were given, in an order that does not depend on how they were written down. */
export function namedServices(services: Record<string, DashboardService>): NamedService[] {
  return sorted(services).map(([name, { profiles }]) => ({ name, profiles: sorted(profiles) }));
}

/** Tokens of each service, by the profiles that it calls. */
export function serviceSection(services: NamedService[], place: MetricPlace): DashboardSection {
  const tokens = (label: string, profile: IApplicationInferenceProfileRef): cloudwatch.IMetric[] => {
    const dimensionsMap = { [MODEL_DIMENSION]: profileId(profile) };
    const { input: [input], output: [output], cacheRead, cacheWrite } = TOKEN_METRICS;
    const counted = { namespace: BEDROCK_NAMESPACE, dimensionsMap, statistic: cloudwatch.Stats.SUM };
    return [
      new cloudwatch.Metric({ ...counted, metricName: input, label: `${label} input` }),
      new cloudwatch.Metric({ ...counted, metricName: output, label: `${label} output` }),
      eachOf(byModel(cacheRead, 'Sum', dimensionsMap), `${label} cache read`),
      eachOf(byModel(cacheWrite, 'Sum', dimensionsMap), `${label} cache write`),
    ];
  };
  return {
    title: 'Services',
    text: 'Tokens that each service uses through its application inference profiles. What it calls around them is with the models only.',
    rows: inRows(3, services.map(({ name, profiles }) =>
      graph(name, 3, profiles.flatMap(([label, profile]) => tokens(label, profile)), place, true))),
  };
}

/** How far the tags of the schema are on the bill, in the place of the construct that activates them. */
export function tagSection(activation: CostAllocationTagActivation, dashboard: Stack): DashboardSection {
  const { stackName, region, account } = Stack.of(activation);
  const isElsewhere = !Token.isUnresolved(account) && account !== dashboard.account;
  const place = { region, accountId: isElsewhere ? account : undefined };
  const metric = (metricName: string, label: string, dimensions: Record<string, string> = {}): cloudwatch.Metric => new cloudwatch.Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { [STACK_DIMENSION]: stackName, ...dimensions },
    statistic: cloudwatch.Stats.MAXIMUM,
    label,
  });
  return {
    title: 'Cost allocation tags',
    text: `1 for a tag that is active, 0 for one that is not: the bill does not tell its values. [Runbook](${runbookUrl('cost-allocation-tag-pending')}).`,
    rows: [[
      numbers('Active tags', 2, activation.tagKeys.map(tagKey =>
        metric(TAG_ACTIVE_METRIC, tagKey, { [TAG_KEY_DIMENSION]: tagKeyDimensionValue(tagKey) })), place),
      numbers('Days pending, longest', 4, [new cloudwatch.MathExpression({
        expression: 'pending / 86400', usingMetrics: { pending: metric(LONGEST_PENDING_METRIC, 'seconds') }, label: 'days',
      })], place),
      numbers('Refused tags', 4, [metric(REFUSED_TAGS_METRIC, 'refused')], place),
    ]],
  };
}

/** Who calls, and for whom, out of the invocation logs. */
export function callerSection(schema: AttributionSchema, queries: IInvocationLogQueries, { region }: MetricPlace): DashboardSection {
  const left = metadataKeys(schema).filter(key => !isShown(key)).map(({ name }) => `\`by-${name}\``);
  const table = ({ shortName, queryString }: InvocationLogQuery): cloudwatch.IWidget => new cloudwatch.LogQueryWidget({
    title: shortName, queryString, region, logGroupNames: [queries.logGroup.logGroupRef.logGroupName], width: 12, height: TABLE_HEIGHT,
  });
  return {
    title: 'Callers and what they declare',
    text: 'Looking at a table runs its saved query over the whole time range, which is charged by the bytes scanned.'
      + (left.length === 0 ? '' : ` Saved queries of keys that have no end or identify persons are not shown: ${left.join(', ')}.`),
    rows: inRows(2, shownQueries(schema, queries).map(table)),
  };
}

/** Names of the keys that a dashboard has a table for. */
export function shownKeyNames(schema: AttributionSchema): string[] {
  return metadataKeys(schema).filter(isShown).map(({ name }) => name);
}

function shownQueries(schema: AttributionSchema, { queries }: IInvocationLogQueries): InvocationLogQuery[] {
  const keys = shownKeyNames(schema);
  return [
    ...keys.flatMap(key => queries.filter(({ keyName }) => keyName === key)),
    ...SHOWN_QUERIES.flatMap(shown => queries.filter(({ shortName, keyName }) => keyName === undefined && shortName === shown)),
  ];
}

/** A key as the schema reads it from request metadata, under its own name or one that it replaced. */
function metadataKeys(schema: AttributionSchema): AttributionKey[] {
  const read = schema.columns().filter(column => column.metadataKeys.length > 0).map(({ name }) => name);
  return schema.activeKeys.filter(({ name }) => read.includes(name));
}

/** A value that identifies a request or a person does not belong on a wall. */
function isShown({ cardinality, personal }: AttributionKey): boolean {
  return cardinality === Cardinality.LOW && !personal;
}

/** Id of a profile, under which its calls are counted. */
function profileId(profile: IApplicationInferenceProfileRef): string {
  return Stack.of(profile).splitArn(profileArn(profile), ArnFormat.SLASH_RESOURCE_NAME).resourceName ?? '';
}

/** By the code of the characters, which is the same in every language. */
function sorted<T>(map: Record<string, T>): [string, T][] {
  return Object.entries(map).sort(([one], [other]) => one < other ? -1 : 1);
}
