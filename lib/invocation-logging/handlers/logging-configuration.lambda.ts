import { BedrockClient } from '@aws-sdk/client-bedrock';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import type {
  CloudFormationCustomResourceCreateEvent, CloudFormationCustomResourceDeleteEvent, CloudFormationCustomResourceEvent,
  CloudFormationCustomResourceUpdateEvent,
} from 'aws-lambda';
import { answer, sendByHttp, type Outcome, type SendAnswer } from '../../private/handlers/answer-cloudformation.lambda-shared';
import { RUNBOOK_VARIABLE, TOPIC_VARIABLE } from '../../private/handlers/constants';
import { notifier } from '../../private/handlers/notifier.lambda-shared';
import { messageOf } from '../../private/handlers/passing-errors.lambda-shared';
import { CLIENT_OPTIONS, logLine, REAL_TIME } from '../../private/handlers/real-world.lambda-shared';
import type { Timing } from '../../private/handlers/retry.lambda-shared';
import { AccountSetting, PutFailure } from './account-setting.lambda-shared';
import {
  CONFIGURATION_PROPERTY, ON_FOREIGN_PROPERTY, RESTORABLE_ROLE_PROPERTY, RETRY_BUDGET_SECONDS, type LoggingConfiguration,
} from './constants';
import { OnForeignConfiguration } from './enums';
import { liveAttributes } from './live-attributes.lambda-shared';
import { loggingApi } from './logging-api.lambda-shared';
import { memoriesOf } from './parameters.lambda-shared';
import { patiently } from './patience.lambda-shared';

/** The world around the handler. */
export interface HandlerWorld {
  readonly bedrock: BedrockClient;
  readonly logs: CloudWatchLogsClient;
  readonly sns: SNSClient;
  readonly ssm: SSMClient;
  /** Topic on which is said what was done to a foreign configuration. */
  readonly topicArn: string | undefined;
  /** Address of the page that says what to do when a restore failed. */
  readonly runbook: string;
  readonly timing: Timing;
  readonly send: SendAnswer;
  readonly log: (entry: object) => void;
}

/** Ends the physical id of a resource whose creation left no trace, so that the deletion that follows knows to do nothing. */
const NEVER_CREATED = '-never-created';

/** Makes the handler of the custom resource for the world that it is to act in. */
export function createHandler(world: HandlerWorld): (event: CloudFormationCustomResourceEvent) => Promise<void> {
  const { bedrock, logs, timing, log } = world;
  const api = loggingApi(bedrock, logs);
  const notify = notifier(world.sns, world.topicArn, log);
  const patience = { api, timing, budgetMs: RETRY_BUDGET_SECONDS * 1000 };
  return async event => {
    const { RequestType, StackId, LogicalResourceId, RequestId } = event;
    const self = { stackId: StackId, logicalId: LogicalResourceId };
    const setting = new AccountSetting({ api, memories: memoriesOf(StackId, world.ssm), self, patience, notify, runbook: world.runbook });
    log({ message: 'request', RequestType, StackId, LogicalResourceId, RequestId });
    const outcome = await dispatch(event, setting, () => patiently(patience, api.get));
    log({ message: 'outcome', RequestId, ...outcome });
    await answer(event, outcome, world.send, timing);
  };
}

/** Reads the live configuration. */
type ReadLive = () => Promise<object | undefined>;

async function dispatch(event: CloudFormationCustomResourceEvent, setting: AccountSetting, readLive: ReadLive): Promise<Outcome> {
  try {
    switch (event.RequestType) {
      case 'Create': return await onCreateOrUpdate(event, setting, readLive);
      case 'Update': return await onCreateOrUpdate(event, setting, readLive);
      case 'Delete': return await onDelete(event, setting);
    }
  } catch (error) {
    return { status: 'FAILED', physicalResourceId: idAfterFailure(event, error), reason: messageOf(error) };
  }
}

async function onCreateOrUpdate(
  event: CloudFormationCustomResourceCreateEvent | CloudFormationCustomResourceUpdateEvent, setting: AccountSetting, readLive: ReadLive,
): Promise<Outcome> {
  const outcome = await setting.put({
    wanted: parse(event.ResourceProperties),
    previous: event.RequestType === 'Update' ? tryParse(event.OldResourceProperties) : undefined,
    onForeign: onForeign(event.ResourceProperties),
  });
  return { ...succeeded(physicalId(event), outcome), data: liveAttributes(await readLive()) };
}

async function onDelete(event: CloudFormationCustomResourceDeleteEvent, setting: AccountSetting): Promise<Outcome> {
  const id = event.PhysicalResourceId;
  const own = tryParse(event.ResourceProperties);
  if (id.endsWith(NEVER_CREATED) || own === undefined) return succeeded(id, 'nothing was created, so nothing was removed');
  return succeeded(id, await setting.remove(own, text(event.ResourceProperties, RESTORABLE_ROLE_PROPERTY)));
}

function succeeded(physicalResourceId: string, reason: string): Outcome {
  return { status: 'SUCCESS', physicalResourceId, reason };
}

/**
 * The same for every resource of an account and Region. A changed id would tell CloudFormation to delete the former resource after it made
 * the new one, and with it the only configuration that there is.
 */
function physicalId(event: CloudFormationCustomResourceEvent): string {
  const [, , , region, account] = event.StackId.split(':');
  return `bedrock-invocation-logging-${account}-${region}`;
}

function idAfterFailure(event: CloudFormationCustomResourceEvent, error: unknown): string {
  if (event.RequestType !== 'Create') return event.PhysicalResourceId;
  const leftNoTrace = error instanceof PutFailure && !error.mayHaveWritten;
  return leftNoTrace ? physicalId(event) + NEVER_CREATED : physicalId(event);
}

/** The request does not carry what the template gives. */
class UnreadableRequestError extends Error {}

type Properties = Readonly<Record<string, unknown>>;

function parse(properties: Properties): LoggingConfiguration {
  const text = properties[CONFIGURATION_PROPERTY];
  if (typeof text !== 'string') throw new UnreadableRequestError(`${CONFIGURATION_PROPERTY} must be JSON text, got ${typeof text}`);
  return JSON.parse(text) as LoggingConfiguration;
}

/** For what earlier versions wrote: text that cannot be read is nobody's configuration. */
function tryParse(properties: Properties): LoggingConfiguration | undefined {
  try {
    return parse(properties);
  } catch {
    return undefined;
  }
}

function onForeign(properties: Properties): OnForeignConfiguration {
  const given = text(properties, ON_FOREIGN_PROPERTY);
  return Object.values(OnForeignConfiguration).find(value => value === given) ?? OnForeignConfiguration.FAIL;
}

function text(properties: Properties, name: string): string | undefined {
  const value = properties[name];
  return typeof value === 'string' ? value : undefined;
}

/** The entry point of the Lambda function. */
export const handler = createHandler({
  bedrock: new BedrockClient(CLIENT_OPTIONS),
  logs: new CloudWatchLogsClient(CLIENT_OPTIONS),
  sns: new SNSClient(CLIENT_OPTIONS),
  ssm: new SSMClient(CLIENT_OPTIONS),
  topicArn: process.env[TOPIC_VARIABLE],
  runbook: process.env[RUNBOOK_VARIABLE] ?? '',
  timing: REAL_TIME,
  send: sendByHttp,
  log: logLine,
});
