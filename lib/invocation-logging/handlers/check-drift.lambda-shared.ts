import { sameConfiguration, sideBySide } from './compare-configurations.lambda-shared';
import { OnDrift } from './enums';
import type { LoggingApi } from './logging-api.lambda-shared';
import type { Notify } from './notifier.lambda-shared';
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
 * @param cause who or what gave reason to look, for the report
 * @param scheduled whether this is a regular look; only that one reminds of a guard that has stopped
 * @throws when the live configuration cannot be read or repaired
 */
export async function checkDrift(options: CheckOptions, cause: string, scheduled: boolean): Promise<Finding> {
  const { api, memories, patience } = options;
  const expected = await memories.expected.read();
  if (expected === undefined) return Finding.NOTHING_EXPECTED;
  const live = await patiently(patience, api.get);
  const repairs = lately(await memories.repairs.read() ?? NO_REPAIRS, options);
  if (sameConfiguration(live, expected.configuration)) {
    if (repairs.stopped) await memories.repairs.write({ ...repairs, stopped: false });
    return Finding.IN_ORDER;
  }
  const obstacle = await obstacleTo(expected, repairs, options);
  const difference = sideBySide(live ?? {}, expected.configuration);
  if (obstacle === undefined) {
    await repair(expected, repairs, options);
    await say(options, 'a change was undone', `${cause}\nThe expected configuration was put back:\n${difference}`);
    return Finding.REPAIRED;
  }
  // what its owner made of it is watched from now on; that it is gone stays news
  if (expected.adopted && live !== undefined) await memories.expected.write({ ...expected, configuration: live });
  const isNews = obstacle.finding !== Finding.STOPPED || !repairs.stopped || scheduled;
  if (obstacle.finding === Finding.STOPPED && !repairs.stopped) await memories.repairs.write({ ...repairs, stopped: true });
  const what = live === undefined ? 'DELETED, nothing is logged now' : 'CHANGED';
  if (isNews) await say(options, `the configuration was ${what}`, `${cause}\n${obstacle.reason}\n${difference}`);
  return obstacle.finding;
}

async function obstacleTo(expected: Expected, repairs: Repairs, options: CheckOptions): Promise<Obstacle | undefined> {
  const owner = await options.memories.owner.read();
  if (expected.adopted) return drifted('It was adopted, not made, by the stack, so it was left as it is.');
  if (owner !== undefined && owner.stackId !== options.stackId) return drifted(`The stack ${owner.stackId} has taken it over, so it was left as it is.`);
  if (options.onDrift === OnDrift.ALARM) return drifted('The drift guard only reports, so it was left as it is.');
  if (repairs.at.length < options.maximumRepairs) return undefined;
  return {
    finding: Finding.STOPPED,
    reason: `It was put back ${repairs.at.length} times lately, the last time at ${repairs.at.at(-1) ?? 'an unknown time'}, so somebody else insists on another `
      + 'configuration. Nothing more is done until the two agree.',
  };
}

function drifted(reason: string): Obstacle {
  return { finding: Finding.DRIFTED, reason };
}

/** Noted before the put: a guard that dies after it must not forget that it has tried. */
async function repair(expected: Expected, repairs: Repairs, { api, memories, patience }: CheckOptions): Promise<void> {
  const at = [...repairs.at, new Date(patience.timing.now()).toISOString()];
  await memories.repairs.write({ at, stopped: false });
  await patiently(patience, () => api.put(expected.configuration));
}

/** Forgets the repairs that are older than the window. */
function lately(repairs: Repairs, { patience, windowMs }: CheckOptions): Repairs {
  const start = patience.timing.now() - windowMs;
  return { ...repairs, at: repairs.at.filter(time => Date.parse(time) > start) };
}

async function say({ notify, stackId, runbook }: CheckOptions, what: string, text: string): Promise<void> {
  await notify({ subject: `Bedrock invocation logging: ${what}`, text: `Drift guard of the stack ${stackId}:\n${text}\nRunbook: ${runbook}` });
}
