import type { LogRecord } from './log-records';
import type { Status } from './simulate-calls';
import type { Who } from './world';

const STRENGTH: Readonly<Record<Status, number>> = { complete: 3, partial: 2, blocked: 1, failed: 0 };

/** UTC day, `2026-10-05`. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** A caller as one name, the same however its ARN is written: without IAM path, with its session if it has one. */
export function callerName({ kind, name, session }: Who): string {
  return session === undefined ? `${kind}/${name}` : `${kind}/${name}/${session}`;
}

/** A caller without its session. */
export function roleName({ kind, name }: Who): string {
  return `${kind}/${name}`;
}

/** Of each request the record that counts: complete over partial over blocked over failed, then the latest. */
export function winners(records: readonly LogRecord[]): LogRecord[] {
  const best = new Map<string, LogRecord>();
  for (const record of records) {
    const other = best.get(record.call.requestId);
    if (!other || beats(record, other)) best.set(record.call.requestId, record);
  }
  return [...best.values()];
}

function beats(record: LogRecord, other: LogRecord): boolean {
  if (record.status !== other.status) return STRENGTH[record.status] > STRENGTH[other.status];
  return (record.ms ?? -Infinity) > (other.ms ?? -Infinity);
}

/** The value of a key that the tags of a bill line prove: caller before resource, exact spelling before any other; empty is absent. */
export function enforcedValue(tags: Readonly<Record<string, string>>, key: string): string | null {
  return tagValue(tags, 'iamPrincipal/', key) ?? tagValue(tags, 'resourceTags/', key);
}

/** The value of a tag with one prefix. */
export function tagValue(tags: Readonly<Record<string, string>>, prefix: string, key: string): string | null {
  const wanted = prefix + key;
  const variants = Object.keys(tags).filter(name => name !== wanted && name.toLowerCase() === wanted.toLowerCase()).sort();
  for (const name of [wanted, ...variants]) {
    const value = tags[name] as string | undefined;
    if (value !== undefined && value !== '') return value;
  }
  return null;
}
