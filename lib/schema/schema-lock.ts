import type { AttributionSchema } from './attribution-schema';
import { compareSchemas } from './compare-schemas';
import type { LockRule, LockVerdict } from './lock-rule';
import { LOCK_TABLE } from './lock-table';
import { newProblem } from './new-problem';
import type { Problem } from './problem';
import { SchemaError } from './schema-error';
import type { ParsedSchema } from './schema-file';
import { parseObject, parseSchemaFile } from './schema-file';

/**
 * One difference between a schema and its lock.
 */
export interface LockChange {
  /** Kind of change, as in `SchemaLock.RULES`. */
  readonly change: string;

  /** What becomes of it. */
  readonly verdict: LockVerdict;

  /** What was changed, and why that is fine or what to do instead. */
  readonly sentence: string;
}

const FORMAT = 1;

/**
 * The lock of a schema: what it was when it was last agreed on.
 *
 * A schema is a public API of dashboards, gateways and services. The lock, committed beside it, tells a change that they can follow from
 * one that breaks them. Nothing here reads a file or a clock: texts and days come in.
 */
export class SchemaLock {
  /** Every kind of change and what becomes of it, the fine ones first. */
  public static readonly RULES: LockRule[] = Object.entries(LOCK_TABLE).map(([change, rule]) => ({ change, ...rule }));

  /** The text of the lock of a schema: the same text for the same schema, always. */
  public static lockText(schema: AttributionSchema): string {
    return `${JSON.stringify({ lockVersion: FORMAT, schema: JSON.parse(schema.toJson()) as object }, undefined, 2)}\n`;
  }

  /**
   * Everything that has changed since the lock was written, each with its verdict; nothing when the schema is as it was.
   *
   * @param lockText text of the lock
   * @param schema the schema as it is now
   * @param today ISO date that decides whether a day lies in the future. Without one every day counts as future when it is announced and
   *   as past when it is dropped: that is for synthesis, which must not depend on the clock, while `bca schema check` knows the day
   */
  public static compare(lockText: string, schema: AttributionSchema, today?: string): LockChange[] {
    return compareSchemas(parseLock(lockText), schema, today).map(({ change, key, detail }) => {
      const { verdict, description, advice } = LOCK_TABLE[change];
      const subject = key === undefined ? '' : `key ${key}: `;
      return { change, verdict, sentence: `${subject}${description}${detail === undefined ? '' : ` (${detail})`}; ${advice}` };
    });
  }
}

/** Reads a lock by its form alone: what was agreed on stays readable, whatever rules later releases add. */
function parseLock(text: string): ParsedSchema {
  const problems: Problem[] = [];
  const lock = parseObject(text, problems) as { readonly lockVersion?: unknown; readonly schema?: unknown } | undefined;
  if (lock !== undefined && lock.lockVersion !== FORMAT) {
    problems.push(newProblem({
      code: 'lockVersion', path: 'lockVersion', got: lock.lockVersion, allowed: String(FORMAT), remedy: 'restore the lock from version control',
    }));
  }
  const parsed = parseSchemaFile(JSON.stringify(lock?.schema ?? {}));
  if (problems.length === 0) problems.push(...parsed.problems);
  if (problems.length > 0) throw new SchemaError('the lock of the attribution schema', problems);
  return parsed;
}
