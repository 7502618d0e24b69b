import {
  BedrockClient, DeleteModelInvocationLoggingConfigurationCommand, GetModelInvocationLoggingConfigurationCommand,
  PutModelInvocationLoggingConfigurationCommand,
} from '@aws-sdk/client-bedrock';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { AccountSetting, PutFailure } from './account-setting.lambda-shared';
import { answer, type Outcome, type SendAnswer } from './answer-cloudformation.lambda-shared';
import { CONFIGURATION_PROPERTY, RETRY_BUDGET_SECONDS, type LoggingConfiguration } from './constants';
import type { Timing } from './retry.lambda-shared';

/** The world around the handler. */
export interface HandlerWorld {
  readonly client: BedrockClient;
  readonly timing: Timing;
  readonly send: SendAnswer;
  readonly log: (entry: object) => void;
}

/** Ends the physical id of a resource whose creation left no trace, so that the deletion that follows knows to do nothing. */
const NEVER_CREATED = '-never-created';

/** Makes the handler of the custom resource for the world that it is to act in. */
export function createHandler(world: HandlerWorld): (event: CloudFormationCustomResourceEvent) => Promise<void> {
  const setting = new AccountSetting({ api: loggingApi(world.client), timing: world.timing, retryBudgetMs: RETRY_BUDGET_SECONDS * 1000 });
  return async event => {
    const { RequestType, StackId, LogicalResourceId, RequestId } = event;
    world.log({ message: 'request', RequestType, StackId, LogicalResourceId, RequestId });
    const outcome = await dispatch(event, setting);
    world.log({ message: 'outcome', RequestId, ...outcome });
    await answer(event, outcome, world.send, world.timing);
  };
}

async function dispatch(event: CloudFormationCustomResourceEvent, setting: AccountSetting): Promise<Outcome> {
  try {
    switch (event.RequestType) {
      case 'Create': return await onCreate(event.ResourceProperties, physicalId(event), setting);
      case 'Update':
        await setting.put(parse(event.ResourceProperties), tryParse(event.OldResourceProperties));
        return succeeded(physicalId(event), 'the configuration is in place');
      case 'Delete': return await onDelete(event.ResourceProperties, event.PhysicalResourceId, setting);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { status: 'FAILED', physicalResourceId: 'PhysicalResourceId' in event ? event.PhysicalResourceId : physicalId(event), reason };
  }
}

async function onCreate(properties: Properties, id: string, setting: AccountSetting): Promise<Outcome> {
  try {
    await setting.put(parse(properties));
    return succeeded(id, 'the configuration is in place');
  } catch (error) {
    const leftTrace = error instanceof PutFailure && error.mayHaveWritten;
    const reason = error instanceof Error ? error.message : String(error);
    return { status: 'FAILED', physicalResourceId: leftTrace ? id : id + NEVER_CREATED, reason };
  }
}

async function onDelete(properties: Properties, id: string, setting: AccountSetting): Promise<Outcome> {
  const own = tryParse(properties);
  if (id.endsWith(NEVER_CREATED) || own === undefined) return succeeded(id, 'nothing was created, so nothing was removed');
  const removed = await setting.remove(own);
  return succeeded(id, removed ? 'the configuration was removed' : 'the live configuration is not of this stack and was left as it is');
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

function loggingApi(client: BedrockClient): ConstructorParameters<typeof AccountSetting>[0]['api'] {
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

/** The entry point of the Lambda function. */
export const handler = createHandler({
  client: new BedrockClient({ requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000 } }),
  timing: {
    now: Date.now,
    sleep: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
    random: Math.random,
  },
  // bytes and an empty content type: any other type would break the signature of the address
  send: async (url, body) => {
    const response = await fetch(url, {
      method: 'PUT', headers: { 'content-type': '' }, body: Buffer.from(body), signal: AbortSignal.timeout(10_000),
    });
    return response.status;
  },
  log: entry => {
    console.log(JSON.stringify(entry));
  },
});
