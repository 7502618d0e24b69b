import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateMonth } from '../../../cli/src/demo/generate-month';
import type { Truth } from '../../../cli/src/demo/truth';
import { ACCOUNTS } from '../../../cli/src/demo/world';
import { Lake } from './lake';
import { BILLS, EXPORT_PREFIX, LOGS, World } from './world';

/** The months of the generator are delivered by this export. */
export const DEMO_EXPORT = 'demo-cur2';

/** A generated month in a lake, as Amazon Bedrock and Data Exports deliver it, and the truth about it. */
export async function openMonth({ month = '2026-10', calls = 1000, seed = 1 } = {}): Promise<{ world: World; truth: Truth }> {
  const lake = new Lake();
  const folder = mkdtempSync(join(tmpdir(), 'month-'));
  try {
    const truth = await generateMonth({ folder, month, calls, seed });
    cpSync(join(folder, 'logs'), lake.bucket(LOGS), { recursive: true });
    cpSync(join(folder, 'bill'), join(lake.bucket(BILLS), EXPORT_PREFIX), { recursive: true });
    const coverage = { accounts: Object.values(ACCOUNTS), regions: ['us-east-1', 'us-west-2', 'eu-west-1'], firstDay: `${month}-01` };
    const world = await World.open(lake, coverage, DEMO_EXPORT, {
      schema: join(folder, 'attribution-schema.json'),
      profiles: join(folder, 'profiles.json'),
      principals: join(folder, 'principals.json'),
      asOf: new Date(truth.as_of),
    });
    return { world, truth };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
