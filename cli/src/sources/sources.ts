import { spendKeysOf, viewKeys } from '../../../lib/analytics/sql/view-keys';
import { BILL_COSTS, type BillTagSource, type SharedCostRule, type ViewName } from '../../../lib/analytics/sql/view-template';
import { AttributionSchema } from '../../../lib/schema';
import { buildViews } from '../engine/build-views';
import { Engine } from '../engine/engine';
import { readText } from '../text-files';
import { UsageError } from '../usage-error';
import { createEmptyBill, findBillFiles, loadBill } from './load-bill';
import { loadDimensions } from './load-dimensions';
import { createEmptyLogs, type LoadedLogs, loadLogs, NAMED_AT_MOST } from './load-logs';
import { findLogFiles } from './log-files';

/** Views that a report reads more than once. */
const LOG_VIEWS: readonly ViewName[] = ['invocation_records'];
const BILL_VIEWS: readonly ViewName[] = ['billed_usage', 'attributed_spend'];

/** How a bill is read and divided unless somebody asks otherwise. */
export const SOURCE_DEFAULTS = {
  cost: 'unblended',
  attributionOrder: ['iamPrincipal', 'resourceTags'],
  settlementHours: 72,
} as const satisfies Partial<SourceOptions>;

/** What a report or a query reads, as the command line gives it. */
export interface SourceOptions {
  readonly logs?: readonly string[];
  readonly bill?: readonly string[];
  readonly schema?: string;
  readonly prices?: string;
  readonly profiles?: string;
  readonly principals?: string;
  /** Which column of the bill holds the dollars. */
  readonly cost: 'unblended' | 'net';
  readonly attributionOrder: readonly BillTagSource[];
  /** Instant that the age of usage is counted back from. */
  readonly asOf: Date;
  /** Hours after which the bill for usage is taken as settled. */
  readonly settlementHours: number;
  /** How what is spent under one value of a key is charged to others. */
  readonly sharedCosts?: readonly SharedCostRule[];
  /** Keys that dollars are split by beside those that may ride on tags. */
  readonly by: readonly string[];
}

/** An engine with every view in place, and what was found out on the way. */
export interface Sources {
  readonly engine: Engine;
  /** Names of the tags that carry the keys, as they stand in the `tags` column of the bill. */
  readonly tagNames: readonly string[];
  readonly hasLogs: boolean;
  readonly hasBill: boolean;
  /** Whether anything says what IAM enforces for a caller. */
  readonly knowsEnforced: boolean;
  readonly logs: LoadedLogs;
  readonly warnings: readonly string[];
}

/** Told what is going on, for a person who waits. */
export type Progress = (what: string, done?: number, of?: number) => void;

/**
 * Loads logs, bill and what stands beside them, and makes the views. Close the engine when done.
 *
 * @throws UsageError when an input cannot be worked with; nothing is left behind then
 */
export async function openSources(options: SourceOptions, progress: Progress = () => undefined): Promise<Sources> {
  if (!options.logs && !options.bill) throw new UsageError('nothing to read: give --logs PATH, --bill PATH, or both');
  const schema = readSchema(options.schema);
  checkKeys(options.by, schema);
  const logFiles = options.logs ? findLogFiles(options.logs) : undefined;
  const bill = options.bill ? findBillFiles(options.bill) : undefined;
  const engine = await Engine.open();
  try {
    await loadDimensions(engine, options);
    const loadedBill = bill ? await loadBill(engine, bill.files) : await createEmptyBill(engine);
    const logs = logFiles
      ? await loadLogs(engine, logFiles, done => { progress('reading logs', done, logFiles.length); })
      : await createEmptyLogs(engine);
    progress('computing');
    const keys = viewKeys(schema);
    await buildViews(engine, {
      keys,
      spendKeys: keys.map(({ name }) => name).filter(name => spendKeysOf(keys).includes(name) || options.by.includes(name)),
      attributionOrder: options.attributionOrder,
      asOf: `TIMESTAMP '${options.asOf.toISOString().slice(0, 19).replace('T', ' ')}'`,
      settlementHours: options.settlementHours,
      sharedCosts: options.sharedCosts ?? [],
      cost: BILL_COSTS[options.cost],
      invocationsSource: 'invocation_records',
      billSource: 'bedrock_bill_lines',
      logWindow: 'true',
    }, new Set<ViewName>(bill ? [...LOG_VIEWS, ...BILL_VIEWS] : LOG_VIEWS));
    const unnamed = logs.malformedLines - logs.malformed.length;
    return {
      engine,
      tagNames: tagNamesOf(schema),
      hasLogs: logFiles !== undefined,
      hasBill: bill !== undefined,
      knowsEnforced: loadedBill.hasCallers || options.principals !== undefined,
      logs,
      warnings: [
        ...bill?.warnings ?? [],
        ...loadedBill.warnings,
        ...logFiles && logs.records === 0 ? [`not one record of an invocation in ${logFiles.length} log file(s): is this the folder that Amazon Bedrock delivers to?`] : [],
        ...unnamed > 0 ? [`only the first ${NAMED_AT_MOST} malformed lines are named: ${unnamed} more are counted`] : [],
      ],
    };
  } catch (error) {
    engine.close();
    throw error;
  }
}

/** Names of the tags that carry the keys of a schema, as they stand in the `tags` column of the bill. */
export function tagNamesOf(schema: AttributionSchema): string[] {
  return schema.columns().flatMap(column => [
    ...column.principalTags.map(name => `iamPrincipal/${name}`), ...column.resourceTags.map(name => `resourceTags/${name}`),
  ]);
}

/**
 * The schema of a file, or the starter schema.
 *
 * @throws UsageError when the file cannot be read or is no schema
 */
export function readSchema(path: string | undefined): AttributionSchema {
  if (path === undefined) return AttributionSchema.starter();
  const text = readText(path, 'the schema ');
  try {
    return AttributionSchema.fromJson(text);
  } catch (error) {
    throw new UsageError(`${JSON.stringify(path)} is no attribution schema: ${(error as Error).message}`);
  }
}

/**
 * Fails for keys that a schema does not have.
 *
 * @throws UsageError when a name is no key
 */
export function checkKeys(by: readonly string[], schema: AttributionSchema): void {
  const known = schema.columns().map(column => column.name);
  const unknown = by.filter(name => !known.includes(name));
  if (unknown.length > 0) throw new UsageError(`the schema has no key ${unknown.map(name => JSON.stringify(name)).join(', ')}: --by takes ${known.join(', ')}`);
}
