import { readFileSync } from 'node:fs';
import { renderView, VIEW_NAMES, type ViewName, type ViewParameters } from '../../../lib/analytics/sql/view-template';
import { dataFile } from '../data-files';
import type { Engine } from './engine';

/**
 * Makes every view of the product over the source tables, with the same SQL that runs on Athena.
 *
 * @param kept views that will be read more than once: they become tables, so that their work is done once
 */
export async function buildViews(engine: Engine, parameters: ViewParameters, kept: ReadonlySet<ViewName>): Promise<void> {
  for (const name of VIEW_NAMES) {
    const sql = renderView(readFileSync(dataFile('sql', 'views', `${name}.sql`), 'utf8'), parameters);
    await engine.run(`CREATE ${kept.has(name) ? 'TABLE' : 'VIEW'} ${name} AS\n${sql}`);
  }
}
