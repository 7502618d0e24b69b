import { BedrockClient } from '@aws-sdk/client-bedrock';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { EventBridgeEvent } from 'aws-lambda';
import { RUNBOOK_VARIABLE, STACK_DIMENSION, TOPIC_VARIABLE } from '../../private/handlers/constants';
import { embeddedMetrics } from '../../private/handlers/embedded-metrics.lambda-shared';
import { notifier } from '../../private/handlers/notifier.lambda-shared';
import { CLIENT_OPTIONS, logLine, REAL_TIME } from '../../private/handlers/real-world.lambda-shared';
import type { Timing } from '../../private/handlers/retry.lambda-shared';
import { checkDrift, Finding } from './check-drift.lambda-shared';
import { DRIFT_GUARD_VARIABLES, DRIFT_METRIC } from './constants';
import { OnDrift } from './enums';
import { loggingApi } from './logging-api.lambda-shared';
import { memoriesOf } from './parameters.lambda-shared';

/** The world around the drift guard. */
export interface DriftGuardWorld {
  readonly bedrock: BedrockClient;
  readonly logs: CloudWatchLogsClient;
  readonly sns: SNSClient;
  readonly ssm: SSMClient;
  /** The environment variables of the function. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly timing: Timing;
  readonly log: (entry: object) => void;
}

/** An event of a schedule, or one that CloudTrail sends when an API is called. */
export type DriftGuardEvent = EventBridgeEvent<string, CloudTrailDetail | Record<string, never>>;

/** The part of a CloudTrail record that tells who did what. */
interface CloudTrailDetail {
  readonly eventName?: string;
  readonly eventTime?: string;
  readonly userIdentity?: { readonly arn?: string; readonly principalId?: string };
}

/** How long a repair is tried again, in milliseconds: the rest of the time-out is for the calls that are under way. */
const REPAIR_BUDGET_MS = 120_000;

/** Makes the handler of the drift guard for the world that it is to act in. */
export function createDriftGuard(world: DriftGuardWorld): (event: DriftGuardEvent) => Promise<Finding> {
  const { variables, timing, log } = world;
  const stackId = variables[DRIFT_GUARD_VARIABLES.stackId] ?? '';
  const api = loggingApi(world.bedrock, world.logs);
  const options = {
    api,
    memories: memoriesOf(stackId, world.ssm),
    stackId,
    patience: { api, timing, budgetMs: REPAIR_BUDGET_MS },
    notify: notifier(world.sns, variables[TOPIC_VARIABLE], log),
    runbook: variables[RUNBOOK_VARIABLE] ?? '',
    onDrift: variables[DRIFT_GUARD_VARIABLES.onDrift] === OnDrift.REPAIR ? OnDrift.REPAIR : OnDrift.ALARM,
    maximumRepairs: Number(variables[DRIFT_GUARD_VARIABLES.maximumRepairs]),
    windowMs: Number(variables[DRIFT_GUARD_VARIABLES.repairWindow]) * 1000,
  };
  return async event => {
    const scheduled = event['detail-type'] === 'Scheduled Event';
    const cause = scheduled ? 'The regular check found that the live configuration is not the expected one.' : causeOf(event.detail);
    const finding = await checkDrift(options, cause, scheduled);
    log({ message: 'checked', cause, finding });
    log(driftMetric(finding, stackId, timing.now()));
    return finding;
  };
}

function causeOf({ eventName, eventTime, userIdentity }: CloudTrailDetail): string {
  const who = userIdentity?.arn ?? userIdentity?.principalId ?? 'somebody unknown';
  return `${who} called ${eventName ?? 'an operation'} at ${eventTime ?? 'an unknown time'}.`;
}

/** @param timestamp in milliseconds */
function driftMetric(finding: Finding, stackId: string, timestamp: number): object {
  const hasDrift = finding === Finding.DRIFTED || finding === Finding.STOPPED;
  return embeddedMetrics({ [STACK_DIMENSION]: stackId.split('/')[1] }, { [DRIFT_METRIC]: { value: hasDrift ? 1 : 0, unit: 'Count' } }, timestamp);
}

/** The entry point of the Lambda function. */
export const handler = createDriftGuard({
  bedrock: new BedrockClient(CLIENT_OPTIONS),
  logs: new CloudWatchLogsClient(CLIENT_OPTIONS),
  sns: new SNSClient(CLIENT_OPTIONS),
  ssm: new SSMClient(CLIENT_OPTIONS),
  variables: process.env,
  timing: REAL_TIME,
  log: logLine,
});
