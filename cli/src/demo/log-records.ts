import type { Random } from './random';
import type { Call, Status } from './simulate-calls';

/** What a record says, before it is written: a month of texts would not fit into memory. */
export interface LogRecord {
  readonly call: Call;
  readonly status: Status;
  /** Event time; `null` when the record carries an impossible one. */
  readonly ms: number | null;
  readonly input: number | null;
  readonly output: number | null;
  readonly cacheRead: number | null;
  readonly cacheWrite: number | null;
  /** When the record reached the bucket. */
  readonly deliveredAt: number;
  /** Start of the random choices of its text: a repeat of the same record reads the same. */
  readonly textSeed: number;
  /** Offloaded request body: the name of an object below `data/`. */
  readonly offloaded?: string;
}

const MINUTE = 60_000;

/** The records that the calls leave, with the repeats that delivery makes. */
export function recordsOf(random: Random, calls: readonly Call[]): LogRecord[] {
  const records: LogRecord[] = [];
  let isUndatedWritten = false;
  for (const call of calls) {
    if (!call.isLogged) continue;
    const isUndated: boolean = !isUndatedWritten && call.workload.name === 'knowledge-search' && call.status === 'complete';
    isUndatedWritten ||= isUndated;
    const record = newRecord(random, call, { status: call.status, isUndated });
    records.push(record, ...repeats(random, record));
  }
  return records;
}

/** Duplicates: delivered twice, seen half done, retried after a failure, or corrected. */
function repeats(random: Random, record: LogRecord): LogRecord[] {
  const { call } = record;
  const dice = random.next();
  if (dice < 0.01) return [{ ...record, deliveredAt: record.deliveredAt + random.integer(1, 300) * MINUTE }];
  if (call.status !== 'complete' || record.ms === null) return [];
  const isStream = call.operation.endsWith('Stream');
  // the half-done record may carry the later timestamp and still loses
  if (dice < 0.014 && isStream) return [newRecord(random, call, { status: 'partial', shiftMs: random.integer(-20, 20) * 1000 })];
  if (dice < 0.016) return [newRecord(random, call, { status: 'failed', shiftMs: random.integer(-20, 20) * 1000 })];
  // the earlier of two complete records: superseded
  if (dice < 0.018 && call.used.output !== undefined) return [newRecord(random, call, { status: 'complete', shiftMs: -5000, outputFactor: 0.5 })];
  return [];
}

interface Variant {
  readonly status: Status;
  readonly isUndated?: boolean;
  readonly shiftMs?: number;
  readonly outputFactor?: number;
}

function newRecord(random: Random, call: Call, { status, isUndated = false, shiftMs = 0, outputFactor = 1 }: Variant): LogRecord {
  const counted = status === 'complete' || status === 'partial';
  const { input, output, cache_read: cacheRead, cache_write_5m: short, cache_write_1h: long } = call.used;
  const cacheWrite = short === undefined && long === undefined ? undefined : (short ?? 0) + (long ?? 0);
  const ms = call.ms + shiftMs;
  const isOffloaded = call.workload.name === 'contract-review' && status === 'complete' && random.chance(0.01);
  return {
    call,
    status,
    ms: isUndated ? null : ms,
    input: counted ? input ?? null : null,
    output: status === 'complete' && output !== undefined ? Math.round(output * outputFactor) : null,
    cacheRead: counted ? cacheRead ?? null : null,
    cacheWrite: counted ? cacheWrite ?? null : null,
    deliveredAt: deliveryOf(random, ms),
    offloaded: isOffloaded ? `${call.requestId}_input.json.gz` : undefined,
    textSeed: random.integer(0, 0xffffffff),
  };
}

/** Most records are there within the hour; a few come hours or a day later. */
function deliveryOf(random: Random, ms: number): number {
  return ms + (random.chance(0.01) ? random.integer(60, 1700) : random.integer(0, 3)) * MINUTE;
}

/** `2026-10-05T14:22:31Z`. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Folder of an instant in the delivery layout: `YYYY/MM/DD/HH`, UTC. */
export function hourFolder(ms: number): string {
  return new Date(ms).toISOString().slice(0, 13).replaceAll(/[-T]/g, '/');
}
