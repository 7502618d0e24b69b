import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VIEW_NAMES } from '../../lib/analytics/sql/view-template';
import { AttributionSchema, ReservedNames } from '../../lib/schema';
import { openSources, type Sources } from '../src/sources/sources';
import { record, temporaryFolder, writeBill, writeLogs } from './helpers/world';

const scratch = temporaryFolder();
let sources: Sources;

beforeAll(async () => {
  sources = await openSources({
    logs: [writeLogs(scratch.path, [record({ requestId: 'one', input: 1, output: 1 })])],
    bill: [await writeBill(scratch.path, [{ usd: 1 }])],
    cost: 'unblended',
    attributionOrder: ['iamPrincipal', 'resourceTags'],
    asOf: new Date('2026-11-21'),
    settlementHours: 72,
    by: ['request_id'],
  });
});

afterAll(() => {
  sources.engine.close();
  scratch.remove();
});

// views of whole bill lines have no columns of keys beside their own
test.each(VIEW_NAMES.filter(view => !view.endsWith('bill_lines')))('no key of a schema can take the name of a column of %s', async (view) => {
  const keys = AttributionSchema.starter().columns().map(({ name }) => name);
  const columns = (await sources.engine.rows(`DESCRIBE SELECT * FROM ${view}`)).map(row => String(row.column_name));
  const own = columns.filter(column => !keys.includes(column) && !keys.some(key => column.startsWith(`${key}_`)));
  expect(own.length).toBeGreaterThan(3);
  expect(own.filter(column => !ReservedNames.COLUMNS.includes(column))).toEqual([]);
});

test.each(['invocation_costs', 'attributed_spend'])('no key can take a name that %s uses on the way, beside the keys', (view) => {
  const sql = readFileSync(join(__dirname, '..', '..', 'lib', 'analytics', 'sql', 'views', `${view}.sql`), 'utf8').replace(/--.*/g, '');
  const names = [...sql.matchAll(/\bAS ([a-z][a-z0-9_]*)(?! *\()\b/g)].map(([, name]) => name).filter(name => !['double', 'bigint', 'varchar', 'date'].includes(name));
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter(name => !ReservedNames.COLUMNS.includes(name))).toEqual([]);
});
