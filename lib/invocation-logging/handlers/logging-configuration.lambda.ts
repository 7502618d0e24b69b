import {
  BedrockClient, DeleteModelInvocationLoggingConfigurationCommand, GetModelInvocationLoggingConfigurationCommand,
  PutModelInvocationLoggingConfigurationCommand,
} from '@aws-sdk/client-bedrock';
import { DeleteParameterCommand, GetParameterCommand, ParameterNotFound, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type {
  CloudFormationCustomResourceCreateEvent, CloudFormationCustomResourceDeleteEvent, CloudFormationCustomResourceEvent,
  CloudFormationCustomResourceUpdateEvent,
} from 'aws-lambda';
import { AccountSetting, PutFailure, type LoggingApi } from './account-setting.lambda-shared';
import { answer, sendByHttp, type Outcome, type SendAnswer } from './answer-cloudformation.lambda-shared';
import { CONFIGURATION_PROPERTY, OWNER_PARAMETER, RETRY_BUDGET_SECONDS, type LoggingConfiguration } from './constants';
import { parseOwner, type OwnerMarker } from './owner-marker.lambda-shared';
import type { Timing } from './retry.lambda-shared';

/** The world around the handler. */
export interface HandlerWorld {
  readonly bedrock: BedrockClient;
  readonly ssm: SSMClient;
  readonly timing: Timing;
  readonly send: SendAnswer;
  readonly log: (entry: object) => void;
}

/** Ends the physical id of a resource whose creation left no trace, so that the deletion that follows knows to do nothing. */
const NEVER_CREATED = '-never-created';

/** Makes the handler of the custom resource for the world that it is to act in. */
export function createHandler(world: HandlerWorld): (event: CloudFormationCustomResourceEvent) => Promise<void> {
  const api = loggingApi(world.bedrock);
  const marker = ownerMarker(world.ssm);
  return async event => {
    const { RequestType, StackId, LogicalResourceId, RequestId } = event;
    const self = { stackId: StackId, logicalId: LogicalResourceId };
    const setting = new AccountSetting({ api, marker, self, timing: world.timing, retryBudgetMs: RETRY_BUDGET_SECONDS * 1000 });
    world.log({ message: 'request', RequestType, StackId, LogicalResourceId, RequestId });
    const outcome = await dispatch(event, setting);
    world.log({ message: 'outcome', RequestId, ...outcome });
    await answer(event, outcome, world.send, world.timing);
  };
}

async function dispatch(event: CloudFormationCustomResourceEvent, setting: AccountSetting): Promise<Outcome> {
  try {
    switch (event.RequestType) {
      case 'Create': return await onCreate(event, setting);
      case 'Update': return await onUpdate(event, setting);
      case 'Delete': return await onDelete(event, setting);
    }
  } catch (error) {
    return { status: 'FAILED', physicalResourceId: idAfterFailure(event, error), reason: error instanceof Error ? error.message : String(error) };
  }
}

async function onCreate(event: CloudFormationCustomResourceCreateEvent, setting: AccountSetting): Promise<Outcome> {
  await setting.put(parse(event.ResourceProperties));
  return succeeded(physicalId(event), 'the configuration is in place');
}

async function onUpdate(event: CloudFormationCustomResourceUpdateEvent, setting: AccountSetting): Promise<Outcome> {
  const inPlace = await setting.put(parse(event.ResourceProperties), tryParse(event.OldResourceProperties));
  return succeeded(physicalId(event), inPlace
    ? 'the configuration is in place'
    : 'the update that is rolled back was refused, so there was nothing to undo; the live configuration is not of this stack');
}

async function onDelete(event: CloudFormationCustomResourceDeleteEvent, setting: AccountSetting): Promise<Outcome> {
  const id = event.PhysicalResourceId;
  const own = tryParse(event.ResourceProperties);
  if (id.endsWith(NEVER_CREATED) || own === undefined) return succeeded(id, 'nothing was created, so nothing was removed');
  const removed = await setting.remove(own);
  return succeeded(id, removed ? 'the configuration was removed' : 'the live configuration is not of this resource and was left as it is');
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
  const leftTrace = error instanceof PutFailure && error.mayHaveWritten;
  return leftTrace ? physicalId(event) : physicalId(event) + NEVER_CREATED;
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

function loggingApi(client: BedrockClient): LoggingApi {
  return {
    get: async () => (await client.send(new GetModelInvocationLoggingConfigurationCommand({}))).loggingConfig,
    put: async loggingConfig => {
      await client.send(new PutModelInvocationLoggingConfigurationCommand({ loggingConfig }));
    },
    remove: async () => {
      await client.send(new DeleteModelInvocationLoggingConfigurationCommand({}));
    },
  };
}

function ownerMarker(client: SSMClient): OwnerMarker {
  return {
    read: async () => {
      try {
        return parseOwner((await client.send(new GetParameterCommand({ Name: OWNER_PARAMETER }))).Parameter?.Value);
      } catch (error) {
        if (error instanceof ParameterNotFound) return undefined;
        throw error;
      }
    },
    write: async owner => {
      await client.send(new PutParameterCommand({ Name: OWNER_PARAMETER, Value: JSON.stringify(owner), Type: 'String', Overwrite: true }));
    },
    clear: async () => {
      try {
        await client.send(new DeleteParameterCommand({ Name: OWNER_PARAMETER }));
      } catch (error) {
        if (!(error instanceof ParameterNotFound)) throw error;
      }
    },
  };
}

/** The entry point of the Lambda function. */
export const handler = createHandler({
  bedrock: new BedrockClient({ requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000 } }),
  ssm: new SSMClient({ requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000 } }),
  timing: {
    now: Date.now,
    sleep: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
    random: Math.random,
  },
  send: sendByHttp,
  log: entry => {
    console.log(JSON.stringify(entry));
  },
});
