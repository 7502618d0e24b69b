import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateMonth } from '../../../cli/src/demo/generate-month';
import type { Truth } from '../../../cli/src/demo/truth';
import { ACCOUNTS } from '../../../cli/src/demo/world';
import { AttributionSchema } from '../../../lib/schema';
import { BILLS, EXPORT_PREFIX, LOGS } from './catalog';
import { Lake } from './lake';
import { World } from './world';

/** Usage of so many hours before a report on the truth is made is not settled. */
const SETTLEMENT_MS = 72 * 3_600_000;

/** Which month. */
export interface MonthOptions {
  readonly month?: string;
  readonly calls?: number;
  readonly seed?: number;
  /**
   * Schema that it is read by.
   *
   * @default - the one that comes with it: the keys of the starter schema, with stages that `env` may name
   */
  readonly schema?: AttributionSchema;
}

/** A generated month in a lake, as Amazon Bedrock and Data Exports deliver it, and the truth about it. */
export async function openMonth({ month = '2026-10', calls = 1000, seed = 1, schema }: MonthOptions = {}): Promise<{ world: World; truth: Truth }> {
  const lake = new Lake();
  const folder = mkdtempSync(join(tmpdir(), 'month-'));
  try {
    const truth = await generateMonth({ folder, month, calls, seed });
    cpSync(join(folder, 'logs'), lake.bucket(LOGS), { recursive: true });
    cpSync(join(folder, 'bill'), join(lake.bucket(BILLS), EXPORT_PREFIX), { recursive: true });
    const world = await World.open(lake, {
      schema: schema ?? AttributionSchema.fromJson(readFileSync(join(folder, 'attribution-schema.json'), 'utf8')),
      accounts: Object.values(ACCOUNTS),
      regions: ['us-east-1', 'us-west-2', 'eu-west-1'],
      firstDay: `${month}-01`,
      exportName: 'demo-cur2',
      settledUntil: new Date(new Date(truth.as_of).getTime() - SETTLEMENT_MS),
      files: { profiles: join(folder, 'profiles.json'), principals: join(folder, 'principals.json') },
    });
    return { world, truth };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
