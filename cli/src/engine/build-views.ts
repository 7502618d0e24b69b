import { readFileSync } from 'node:fs';
import { renderView, VIEW_NAMES, type ViewName, type ViewParameters } from '../../../lib/analytics/sql/view-template';
import { dataFile } from '../data-files';
import type { Engine } from './engine';

/** Views that others read more than once: kept as tables, so that their work is done once. */
const KEPT: ReadonlySet<ViewName> = new Set<ViewName>(['invocation_records', 'invocation_costs', 'billed_usage', 'attributed_spend']);

/** Makes every view of the product over the source tables, with the same SQL that runs on Athena. */
export async function buildViews(engine: Engine, parameters: ViewParameters): Promise<void> {
  for (const name of VIEW_NAMES) {
    const sql = renderView(readFileSync(dataFile('sql', 'views', `${name}.sql`), 'utf8'), parameters);
    await engine.run(`CREATE ${KEPT.has(name) ? 'TABLE' : 'VIEW'} ${name} AS\n${sql}`);
  }
}
