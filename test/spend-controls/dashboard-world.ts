import { App, Duration, Stack, Stage } from 'aws-cdk-lib';
import * as bedrock from 'aws-cdk-lib/aws-bedrock';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { ModelSource } from '../../lib/inference-profiles';
import { InvocationLogQueries } from '../../lib/invocation-logging';
import { AttributionSchema } from '../../lib/schema';
import { AttributionDashboard, CostAllocationTagActivation, type AttributionDashboardProps, type DashboardService } from '../../lib/spend-controls';
import { bodyOf, type Widget } from './dashboard-body';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';
export const SCHEMA = AttributionSchema.starter();
export const MODEL = ModelSource.foundationModel('amazon.nova-lite-v1:0');

export function makeStack(region = REGION, account = ACCOUNT, scope: Construct = new App()): Stack {
  return new Stack(scope, `Stack${region}`, { env: { account, region } });
}

export function makeQueries(stack: Stack, schema = SCHEMA): InvocationLogQueries {
  return new InvocationLogQueries(stack, 'Queries', { schema, logGroup: new logs.LogGroup(stack, 'Logs') });
}

export function makeProfiles(stack: Stack, ids: string[]): Record<string, bedrock.IApplicationInferenceProfileRef> {
  return Object.fromEntries(ids.map(id => [id, new bedrock.CfnApplicationInferenceProfile(stack, id, { inferenceProfileName: id })]));
}

/** One service for each name, with one profile that has the name of the service. */
export function makeServices(stack: Stack, names: string[]): Record<string, DashboardService> {
  return Object.fromEntries(names.map(name => [name, { profiles: makeProfiles(stack, [name]) }]));
}

export function makeAlarms(stack: Stack, count: number): cloudwatch.IAlarm[] {
  const metric = new cloudwatch.Metric({ namespace: 'a', metricName: 'b' });
  return Array.from({ length: count }, (_, index) => new cloudwatch.Alarm(stack, `Alarm${index}`, { metric, threshold: 1, evaluationPeriods: 1 }));
}

export function widgetsOf(props: Partial<AttributionDashboardProps> = {}, stack = makeStack()): Widget[] {
  new AttributionDashboard(stack, 'Dashboard', { schema: SCHEMA, ...props });
  return bodyOf(stack).widgets;
}

export function titled(widgets: Widget[], title: string): Widget {
  const [widget, ...others] = widgets.filter(({ properties }) => properties.title === title);
  expect(others).toEqual([]);
  return widget;
}

/** A dashboard of everything that there is, with tags that another account activates. */
export function everything(stack = makeStack()): AttributionDashboardProps {
  const payer = makeStack('us-east-1', '999988887777', Stage.of(stack));
  const tagActivation = new CostAllocationTagActivation(payer, 'Tags', { schema: SCHEMA });
  return {
    schema: SCHEMA,
    queries: makeQueries(stack),
    services: makeServices(stack, ['Checkout', 'Search', 'Support', 'Triage']),
    alarms: makeAlarms(stack, 2),
    tagActivation,
    budgetNames: ['total', 'unattributed'],
    dashboardName: 'Bedrock_eu-west-1',
    defaultInterval: Duration.hours(36),
    consoleHost: 'console.example.com',
  };
}
