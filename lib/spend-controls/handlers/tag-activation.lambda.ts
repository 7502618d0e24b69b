import { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { answer, type Outcome, sendByHttp, type SendAnswer } from '../../private/handlers/answer-cloudformation.lambda-shared';
import { TOPIC_VARIABLE } from '../../private/handlers/constants';
import { notifier } from '../../private/handlers/notifier.lambda-shared';
import { messageOf } from '../../private/handlers/passing-errors.lambda-shared';
import { CLIENT_OPTIONS, logLine, REAL_TIME } from '../../private/handlers/real-world.lambda-shared';
import type { Timing } from '../../private/handlers/retry.lambda-shared';
import { activateTags, type TagReport, type TagWorld } from './activate-tags.lambda-shared';
import { TAG_ACTIVATION_SETTINGS, TAG_ACTIVATION_STACK_VARIABLE, TAG_RETRY_BUDGET_SECONDS, type TagActivationSettings } from './constants';
import { costAllocationTagsApi } from './cost-allocation-tags-api.lambda-shared';
import { claim, letGo, type TagOwnerId } from './own-tags.lambda-shared';
import { patiently, type Patience } from './patience.lambda-shared';
import { countsOf, noticeOf, tagMetrics } from './tag-changes.lambda-shared';
import { recordStore, type TagOwner, type TagRecordStore } from './tag-state.lambda-shared';

/** The world around the function for tags. */
export interface TagActivationWorld {
  readonly costExplorer: CostExplorerClient;
  readonly sns: SNSClient;
  readonly ssm: SSMClient;
  /** The environment variables of the function. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly timing: Timing;
  readonly send: SendAnswer;
  readonly log: (entry: object) => void;
}

/** What the schedule sends. */
export interface ScheduledTagCheck {
  readonly [TAG_ACTIVATION_SETTINGS]: TagActivationSettings;
}

/** What the function is called with: a request of CloudFormation, or what the schedule sends. */
export type TagActivationEvent = CloudFormationCustomResourceEvent | ScheduledTagCheck;

/** A regular check did not do all that it should. */
class TagCheckError extends Error {}

/** Makes the function that activates tags, for a stack and on a schedule, for the world that it is to act in. */
export function createTagActivation(world: TagActivationWorld): (event: TagActivationEvent) => Promise<void> {
  return async event => {
    if (!('RequestType' in event)) return check(world, event[TAG_ACTIVATION_SETTINGS]);
    const { RequestType, StackId, LogicalResourceId, RequestId } = event;
    world.log({ message: 'request', RequestType, StackId, LogicalResourceId, RequestId });
    const outcome = await dispatch(world, event);
    world.log({ message: 'outcome', RequestId, ...outcome });
    await answer(event, outcome, world.send, world.timing);
  };
}

async function check(world: TagActivationWorld, settings: TagActivationSettings): Promise<void> {
  const report = await run(world, settings);
  const problems = [...report.failure === undefined ? [] : [report.failure.message], ...report.problems];
  if (problems.length > 0) throw new TagCheckError(problems.join(' '), { cause: report.failure });
}

async function dispatch(world: TagActivationWorld, event: CloudFormationCustomResourceEvent): Promise<Outcome> {
  const self = { stackName: event.StackId.split('/')[1], logicalId: event.LogicalResourceId };
  // the same for every resource of a stack: a changed id would have CloudFormation delete what the update has just made
  const physicalResourceId = event.RequestType === 'Create' ? `cost-allocation-tags-of-${self.stackName}` : event.PhysicalResourceId;
  try {
    const reason = event.RequestType === 'Delete' ? await remove(world, event, self) : await put(world, event, self);
    return { status: 'SUCCESS', physicalResourceId, reason };
  } catch (error) {
    return { status: 'FAILED', physicalResourceId, reason: messageOf(error) };
  }
}

async function put(world: TagActivationWorld, event: CloudFormationCustomResourceEvent, self: TagOwnerId): Promise<string> {
  const { states, notes, problems, failure } = await run(world, parse(event), self);
  if (failure !== undefined) throw failure;
  return [`${countsOf(states)}.`, ...notes, ...problems].join(' ');
}

async function remove(world: TagActivationWorld, event: CloudFormationCustomResourceEvent, self: TagOwnerId): Promise<string> {
  const settings = tryParse(event);
  if (settings === undefined) return 'Nothing was activated, so nothing was deactivated.';
  return (await letGo(tagWorld(world, settings, false), self, settings.onDelete)).join(' ');
}

/** Activates tags, and says and measures what came of it. */
async function run(world: TagActivationWorld, settings: TagActivationSettings, self?: TagOwnerId): Promise<TagReport> {
  const tags = tagWorld(world, settings, true);
  const before = await tags.store.read() ?? { keys: {} };
  const owner: TagOwner | undefined = self && claim(before, self, settings.parameterName);
  const report = await activateTags(tags, settings, before, owner);
  const { states, changes, notes, problems } = report;
  const { stackName } = placeOf(world);
  world.log({ message: 'checked', states, changes, notes, problems });
  for (const line of tagMetrics(stackName, states, world.timing.now())) world.log(line);
  const topicArn = world.variables[TOPIC_VARIABLE];
  if (changes.length > 0 && topicArn !== undefined) await notifier(world.sns, topicArn, world.log)(noticeOf(stackName, states, changes));
  return report;
}

function tagWorld(world: TagActivationWorld, { parameterName }: TagActivationSettings, awaitsRights: boolean): TagWorld {
  const { timing } = world;
  const patience: Patience = { timing, deadline: timing.now() + TAG_RETRY_BUDGET_SECONDS * 1000, awaitsRights };
  return {
    api: costAllocationTagsApi(world.costExplorer, placeOf(world).account, patience),
    store: patientStore(recordStore(world.ssm, parameterName), patience),
    now: () => timing.now(),
  };
}

function patientStore(store: TagRecordStore, patience: Patience): TagRecordStore {
  return {
    read: () => patiently(patience, () => store.read()),
    write: record => patiently(patience, () => store.write(record)),
    clear: () => patiently(patience, () => store.clear()),
  };
}

/** The stack and the account of the function. */
function placeOf({ variables }: TagActivationWorld): { readonly stackName: string; readonly account: string } {
  const stackId = variables[TAG_ACTIVATION_STACK_VARIABLE] ?? '';
  return { stackName: stackId.split('/')[1], account: stackId.split(':')[4] };
}

/** The request does not carry what the template gives. */
class UnreadableRequestError extends Error {}

function parse({ ResourceProperties }: CloudFormationCustomResourceEvent): TagActivationSettings {
  const text: unknown = ResourceProperties[TAG_ACTIVATION_SETTINGS];
  if (typeof text !== 'string') throw new UnreadableRequestError(`${TAG_ACTIVATION_SETTINGS} must be JSON text, got ${typeof text}`);
  return JSON.parse(text) as TagActivationSettings;
}

/** For what earlier versions wrote. */
function tryParse(event: CloudFormationCustomResourceEvent): TagActivationSettings | undefined {
  try {
    return parse(event);
  } catch {
    return undefined;
  }
}

/** The entry point of the Lambda function. */
export const handler = createTagActivation({
  costExplorer: new CostExplorerClient(CLIENT_OPTIONS),
  sns: new SNSClient(CLIENT_OPTIONS),
  ssm: new SSMClient(CLIENT_OPTIONS),
  variables: process.env,
  timing: REAL_TIME,
  send: sendByHttp,
  log: logLine,
});
