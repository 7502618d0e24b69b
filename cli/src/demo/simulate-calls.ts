import { type DemoModel, MODELS, type Tier, type TokenType } from './models';
import type { Random } from './random';
import { WORKLOADS } from './workloads';
import { type Operation, SILENCES, type Target, type Who, type Workload } from './world';

export type Status = 'complete' | 'partial' | 'blocked' | 'failed';

/** One call to Amazon Bedrock: what happened, before anybody wrote it down. */
export interface Call {
  readonly workload: Workload;
  readonly who: Who;
  readonly target: Target;
  readonly requestId: string;
  /** Epoch milliseconds, whole seconds. */
  readonly ms: number;
  readonly operation: Operation;
  readonly tier: Tier;
  readonly status: Status;
  /** Tokens that were used, and billed where tokens are billed. */
  readonly used: Partial<Record<TokenType, number>>;
  readonly metadata: Record<string, string> | undefined;
  /** Whether a record of the call reaches the log files. */
  readonly isLogged: boolean;
}

const DAY = 86_400_000;
const HOUR = 3_600_000;
/** Calls per hour of the day, relative to each other. */
const HOURS = [1, 1, 1, 1, 2, 3, 5, 8, 12, 14, 14, 13, 11, 13, 14, 13, 11, 9, 6, 5, 4, 3, 2, 1];
const HOURS_OF_DAY = HOURS.map((_, hour) => hour);

/** The month as instants. */
export interface Month {
  readonly start: number;
  readonly end: number;
  readonly days: number;
}

/** @param name such as `2026-10` */
export function monthOf(name: string): Month {
  const match = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(name);
  if (!match) throw new RangeError(`month is ${JSON.stringify(name)}: give a year and a month such as "2026-10"`);
  const [year, month] = [Number(match[1]), Number(match[2])];
  const [start, end] = [Date.UTC(year, month - 1), Date.UTC(year, month)];
  return { start, end, days: (end - start) / DAY };
}

/** Day of the month, from 1. */
export function dayOfMonth(ms: number): number {
  return new Date(ms).getUTCDate();
}

/** Makes about as many calls as asked for: each workload its share, rounded, and at least one. */
export function simulateCalls(random: Random, month: Month, count: number): Call[] {
  const weights = WORKLOADS.reduce((sum, workload) => sum + workload.weight, 0);
  const days = Array.from({ length: month.days }, (_, index) => index);
  return WORKLOADS.flatMap((workload) => {
    const share = Math.max(1, Math.round(count * workload.weight / weights));
    return Array.from({ length: share }, () => simulateCall(random, workload, month, days));
  });
}

function simulateCall(random: Random, workload: Workload, month: Month, days: readonly number[]): Call {
  const day = random.weighted(days, index => isWeekend(month.start + index * DAY) ? 0.35 : 1);
  const hour = random.weighted(HOURS_OF_DAY, index => HOURS[index]);
  const ms = month.start + day * DAY + hour * HOUR + random.integer(0, 3599) * 1000;
  const target = random.weighted(workload.targets, item => item.weight);
  const operation = random.pick(workload.operations);
  const status = outcome(random, operation, workload);
  return {
    workload,
    who: random.pick(workload.callers),
    target,
    requestId: random.uuid(),
    ms,
    operation,
    tier: workload.unseen === 'batch' ? 'batch' : random.chance(workload.flex ?? 0) ? 'flex' : 'standard',
    status,
    used: status === 'failed' || status === 'blocked' ? {} : tokens(random, workload, target),
    metadata: workload.metadata(random),
    isLogged: workload.unseen === undefined && !isSilent(workload, day + 1) && !random.chance(workload.lost ?? 0),
  };
}

function isWeekend(ms: number): boolean {
  return [0, 6].includes(new Date(ms).getUTCDay());
}

function isSilent({ account, region }: Workload, day: number): boolean {
  return SILENCES.some(silence => silence.account === account && silence.region === region && day >= silence.from && day <= silence.to);
}

function outcome(random: Random, operation: Operation, workload: Workload): Status {
  if (workload.unseen !== undefined) return 'complete';
  const dice = random.next();
  if (dice < 0.012) return 'failed';
  // a blocked stream of InvokeModel leaves an array body that no two models shape alike: left out
  if (dice < 0.016) return operation === 'InvokeModelWithResponseStream' ? 'failed' : 'blocked';
  const streams = operation === 'ConverseStream' || operation === 'InvokeModelWithResponseStream';
  return streams && dice < 0.034 ? 'partial' : 'complete';
}

function tokens(random: Random, workload: Workload, target: Target): Call['used'] {
  const model: DemoModel | null = target.model && MODELS[target.model];
  const used: Partial<Record<TokenType, number>> = { input: random.integer(200, 6_000) };
  if (model?.rates.output !== undefined || !model) used.output = random.integer(20, 1_500);
  // a batch job is one request for many prompts
  if (workload.unseen === 'batch') return { input: random.integer(20_000, 90_000), output: random.integer(4_000, 20_000) };
  if (workload.usesCache !== true || target.route === 'global' || !random.chance(0.6)) return used;
  used.cache_read = random.integer(500, 12_000);
  if (random.chance(0.25)) used.cache_write_5m = random.integer(1_000, 6_000);
  if (model?.rates.cache_write_1h !== undefined && random.chance(0.08)) used.cache_write_1h = random.integer(1_000, 6_000);
  return used;
}
