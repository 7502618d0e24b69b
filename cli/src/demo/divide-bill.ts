import type { BillLine } from './bill-line';
import { callerName, dayOf, enforcedValue, roleName } from './facts';
import { groupBy } from './group-by';
import type { LogRecord } from './log-records';
import { MODELS } from './models';
import type { KeyValues, Reason } from './truth';

/** A part of a bill line, with what is known about it. */
export interface Fragment {
  readonly line: BillLine;
  readonly keys: KeyValues;
  readonly usd: number;
  /** `null` when every key is known. */
  readonly reason: Reason | null;
  /** Whether the bill alone proves every key. */
  readonly isEnforced: boolean;
}

export interface DivideOptions {
  readonly by: readonly string[];
  /** Lines that end after this instant are not settled yet. */
  readonly settledUntil: number;
}

type TokenClass = 'input' | 'output' | 'cacheRead' | 'cacheWrite';

/** Tokens of one class of one record, as far as no line has used them. */
interface Supply {
  readonly record: LogRecord;
  left: number;
}

/** Divides the Bedrock lines of a bill between the values of the keys, with the help of the records. */
export function divideBill(lines: readonly BillLine[], records: readonly LogRecord[], { by, settledUntil }: DivideOptions): Fragment[] {
  const spend = lines.filter(line => line.kind === 'bedrock');
  const sight = new Sight(records);
  const supplies = suppliesByBucket(records);
  const fragments: Fragment[] = [];

  const add = (line: BillLine, usd: number, record: LogRecord | null): void => {
    const proven = by.map(key => enforcedValue(line.tags, key));
    const values = by.map((key, index) => proven[index] ?? declaredValue(record, key));
    const isKnown = values.every(value => value !== null);
    fragments.push({
      line,
      keys: Object.fromEntries(by.map((key, index) => [key, values[index]])),
      usd,
      reason: isKnown ? null : reasonFor(line, record, settledUntil, sight),
      isEnforced: isKnown && proven.every(value => value !== null),
    });
  };

  for (const line of spend) if (!line.meaning) add(line, line.usd, null);
  for (const [bucket, inBucket] of groupBy(spend.filter(line => line.meaning), bucketOfLine)) {
    const supply = supplies.get(bucket) ?? [];
    // lines that name a session go first, then lines that name a role only, then lines that name nobody
    for (const level of ['session', 'role', 'nobody'] as const) {
      const callers = groupBy(inBucket.filter(line => levelOf(line) === level), line => line.caller ? callerName(line.caller) : '');
      for (const [caller, ofCaller] of callers) share(ofCaller, supply.filter(item => matches(item, level, caller)), by, add);
    }
  }
  return fragments;
}

type Add = (line: BillLine, usd: number, record: LogRecord | null) => void;

/** Gives each line of one caller in one bucket to the records by their tokens, and takes what was used from them. */
function share(lines: readonly BillLine[], supply: readonly Supply[], by: readonly string[], add: Add): void {
  const billed = lines.reduce((sum, line) => sum + (line.meaning?.tokens ?? 0), 0);
  const logged = total(supply);
  const whole = Math.max(billed, logged);
  // records that declare the same share one fragment: their parts would only be added up again
  const says = ({ record }: Supply): string =>
    JSON.stringify([record.call.metadata === undefined, ...by.map(key => declaredValue(record, key))]);
  const alike = [...groupBy(supply, says).values()];
  for (const line of lines) {
    for (const items of alike) {
      const tokens = total(items);
      if (tokens > 0) add(line, line.usd * tokens / whole, items[0].record);
    }
    if (whole === 0) add(line, line.usd, null);
    else if (billed > logged) add(line, line.usd * (billed - logged) / whole, null);
  }
  const used = logged === 0 ? 0 : Math.min(1, billed / logged);
  for (const item of supply) item.left *= 1 - used;
}

function total(supply: readonly Supply[]): number {
  return supply.reduce((sum, { left }) => sum + left, 0);
}

function levelOf({ caller }: BillLine): 'session' | 'role' | 'nobody' {
  if (!caller) return 'nobody';
  return caller.kind === 'role' && caller.session === undefined ? 'role' : 'session';
}

function matches({ record: { call } }: Supply, level: 'session' | 'role' | 'nobody', caller: string): boolean {
  if (level === 'nobody') return true;
  return (level === 'role' ? roleName(call.who) : callerName(call.who)) === caller;
}

const CLASSES = { input: 'input', output: 'output', cache_read: 'cacheRead', cache_write_5m: 'cacheWrite', cache_write_1h: 'cacheWrite' } as const;

function bucketOfLine({ account, region, start, meaning }: BillLine): string {
  return meaning ? [account, region, meaning.model, CLASSES[meaning.tokenType], meaning.isGlobal, meaning.endpoint, dayOf(start)].join('|') : '';
}

function suppliesByBucket(records: readonly LogRecord[]): Map<string, Supply[]> {
  const supplies = new Map<string, Supply[]>();
  for (const record of records) {
    const { workload, target } = record.call;
    if (record.ms === null || target.model === null) continue;
    for (const tokenClass of ['input', 'output', 'cacheRead', 'cacheWrite'] satisfies TokenClass[]) {
      const tokens = record[tokenClass] ?? 0;
      if (tokens === 0) continue;
      const bucket = [workload.account, workload.region, MODELS[target.model].id, tokenClass, target.route === 'global', 'runtime', dayOf(record.ms)].join('|');
      const supply = supplies.get(bucket);
      if (supply) supply.push({ record, left: tokens });
      else supplies.set(bucket, [{ record, left: tokens }]);
    }
  }
  return supplies;
}

function declaredValue(record: LogRecord | null, key: string): string | null {
  return (record?.call.metadata?.[key]) ?? null;
}

function reasonFor(line: BillLine, record: LogRecord | null, settledUntil: number, sight: Sight): Reason {
  if (!line.meaning) return 'not_token_based';
  if (line.end > settledUntil) return 'unsettled';
  if (line.meaning.endpoint === 'mantle') return 'endpoint_not_logged';
  if (record) return record.call.metadata ? 'key_absent' : 'no_metadata';
  if (!sight.seesRegion(line)) return 'region_not_logged';
  if (!sight.seesCaller(line)) return 'caller_not_logged';
  return 'under_logged';
}

/** Who and what was logged at all, by account, Region and day. */
class Sight {
  private readonly seen = new Set<string>();

  constructor(records: readonly LogRecord[]) {
    for (const { ms, call: { workload: { account, region }, who } } of records) {
      if (ms === null) continue;
      const place = `${account}|${region}|${dayOf(ms)}`;
      for (const name of ['', callerName(who), roleName(who)]) this.seen.add(`${place}|${name}`);
    }
  }

  seesRegion(line: BillLine): boolean {
    return this.seen.has(`${line.account}|${line.region}|${dayOf(line.start)}|`);
  }

  /** A line that names nobody misses nobody. */
  seesCaller(line: BillLine): boolean {
    return this.seen.has(`${line.account}|${line.region}|${dayOf(line.start)}|${line.caller ? callerName(line.caller) : ''}`);
  }
}
