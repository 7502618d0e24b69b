import type { Notify } from '../../private/handlers/notifier.lambda-shared';
import { sameConfiguration, sideBySide } from './compare-configurations.lambda-shared';
import { OnDrift } from './enums';
import type { LoggingApi } from './logging-api.lambda-shared';
import type { Expected, Memories, Repairs } from './parameters.lambda-shared';
import { patiently, type Patience } from './patience.lambda-shared';

/** What a check works with. */
export interface CheckOptions {
  readonly api: LoggingApi;
  readonly memories: Memories;
  /** The stack whose configuration is watched. */
  readonly stackId: string;
  readonly patience: Patience;
  readonly notify: Notify;
  readonly onDrift: OnDrift;
  /** How many repairs are made within the window. */
  readonly maximumRepairs: number;
  readonly windowMs: number;
  /** Address of the page that says what to do. */
  readonly runbook: string;
}

/** How a check ended. */
export enum Finding {
  /** The stack has put nothing yet, or nothing any more. */
  NOTHING_EXPECTED = 'nothing is expected',
  IN_ORDER = 'the live configuration is the expected one',
  REPAIRED = 'the expected configuration was put back',
  OWNER_CHANGED = 'the owner of the adopted configuration has changed it',
  /** The live configuration is another one and stays so: the guard only reports, or it is somebody else's turn. */
  DRIFTED = 'the live configuration is not the expected one',
  /** There were too many repairs: somebody else wants another configuration as stubbornly. */
  STOPPED = 'the live configuration is not the expected one, and was put back too often already',
}

/** Why a guard that should repair does not. */
interface Obstacle {
  readonly finding: Finding;
  readonly reason: string;
}

const NO_REPAIRS: Repairs = { at: [], stopped: false };

/**
 * Compares the live configuration with what the stack expects, and repairs or reports.
 *
 * Everything is looked at again before every attempt to repair: the stack may have been updated or deleted meanwhile.
 *
 * @param cause who or what gave reason to look, for the report
 * @param scheduled whether this is a regular look; only that one reminds of a guard that has stopped
 * @throws when the live configuration cannot be read or repaired
 */
export async function checkDrift(options: CheckOptions, cause: string, scheduled: boolean): Promise<Finding> {
  const repair = { isNoted: false };
  return patiently(options.patience, () => check(options, cause, scheduled, repair));
}

async function check(options: CheckOptions, cause: string, scheduled: boolean, repair: { isNoted: boolean }): Promise<Finding> {
  const { api, memories } = options;
  const expected = await memories.expected.read();
  if (expected === undefined) return Finding.NOTHING_EXPECTED;
  const live = await api.get();
  const repairs = lately(await memories.repairs.read() ?? NO_REPAIRS, options);
  if (sameConfiguration(live, expected.configuration)) {
    if (repairs.stopped) await memories.repairs.write({ ...repairs, stopped: false });
    return Finding.IN_ORDER;
  }
  const difference = sideBySide(live ?? {}, expected.configuration);
  if (expected.adopted && live !== undefined) {
    // what its owner made of it is watched from now on; that it is gone stays news
    await memories.expected.write({ ...expected, configuration: live });
    await say(options, 'its owner changed the adopted configuration', `${cause}\nThe new one is watched from now on:\n${difference}`);
    return Finding.OWNER_CHANGED;
  }
  const obstacle = await obstacleTo(expected, repairs, options, repair.isNoted);
  if (obstacle === undefined) {
    if (!repair.isNoted) await noteRepair(repairs, options);
    repair.isNoted = true;
    await putBack(expected, options);
    await say(options, 'a change was undone', `${cause}\nThe expected configuration was put back:\n${difference}`);
    return Finding.REPAIRED;
  }
  const isNews = obstacle.finding !== Finding.STOPPED || !repairs.stopped || scheduled;
  if (obstacle.finding === Finding.STOPPED && !repairs.stopped) await memories.repairs.write({ ...repairs, stopped: true });
  const what = live === undefined ? 'DELETED, nothing is logged now' : 'CHANGED';
  if (isNews) await say(options, `the configuration was ${what}`, `${cause}\n${obstacle.reason}\n${difference}`);
  return obstacle.finding;
}

async function obstacleTo(expected: Expected, repairs: Repairs, options: CheckOptions, isNoted: boolean): Promise<Obstacle | undefined> {
  const owner = await options.memories.owner.read();
  if (expected.adopted) return drifted('It was adopted, not made, by the stack, so it was left as it is.');
  if (owner !== undefined && owner.stackId !== options.stackId) return drifted(`The stack ${owner.stackId} has taken it over, so it was left as it is.`);
  if (options.onDrift === OnDrift.ALARM) return drifted('The drift guard only reports, so it was left as it is.');
  if (isNoted || (!repairs.stopped && repairs.at.length < options.maximumRepairs)) return undefined;
  return {
    finding: Finding.STOPPED,
    reason: `It was put back too often lately, the last time at ${repairs.at.at(-1) ?? 'a time before the window'}, so somebody else insists on `
      + 'another configuration. Nothing more is done until the expected configuration is found live.',
  };
}

function drifted(reason: string): Obstacle {
  return { finding: Finding.DRIFTED, reason };
}

/** Noted before the put: a guard that dies after it must not forget that it has tried. */
async function noteRepair(repairs: Repairs, { memories, patience }: CheckOptions): Promise<void> {
  await memories.repairs.write({ at: [...repairs.at, new Date(patience.timing.now()).toISOString()], stopped: false });
}

async function putBack({ configuration }: Expected, { api, memories }: CheckOptions): Promise<void> {
  await api.put(configuration);
  // the stack may have removed it, and have forgotten it first, between the look and the put
  if (await memories.expected.read() === undefined && sameConfiguration(await api.get(), configuration)) await api.remove();
}

/** Forgets the repairs that are older than the window. */
function lately(repairs: Repairs, { patience, windowMs }: CheckOptions): Repairs {
  const start = patience.timing.now() - windowMs;
  return { ...repairs, at: repairs.at.filter(time => Date.parse(time) > start) };
}

async function say({ notify, stackId, runbook }: CheckOptions, what: string, text: string): Promise<void> {
  await notify({ subject: `Bedrock invocation logging: ${what}`, text: `Drift guard of the stack ${stackId}:\n${text}\nRunbook: ${runbook}` });
}
