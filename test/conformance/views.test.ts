import type { Truth } from '../../cli/src/demo/truth';
import { buildReport } from '../../cli/src/report/build-report';
import { differences } from '../../cli/src/report/compare-truth';
import { VIEW_NAMES } from '../../lib/analytics/sql/view-template';
import { openMonth } from './lake/month';
import type { World } from './lake/world';

let world: World;
let truth: Truth;

beforeAll(async () => {
  ({ world, truth } = await openMonth());
});

afterAll(() => { world.close(); });

/** What a month need not have. */
const MAY_BE_EMPTY = new Set<string>(['savings_findings']);

// all columns of the bill are compared in a test of their own: an export may lack some, and the embedded engine shows those that are there
test.each(VIEW_NAMES.filter(name => name !== 'bill_lines'))('%s has the same rows on Trino and on the embedded engine', async (name) => {
  const rows = await world.expectSame(`SELECT * FROM ${name}`);
  expect(rows.length > 0 || MAY_BE_EMPTY.has(name)).toBe(true);
});

test('bill_lines has the same rows on both, and NULL on Trino in every column that the export lacks', async () => {
  const { columns: delivered } = await world.sources.engine.result('SELECT * FROM bill_lines LIMIT 0');
  expect((await world.expectSame(`SELECT ${delivered.join(', ')} FROM bill_lines`)).length).toBeGreaterThan(0);
  const { columns } = await world.lake.trino.query('SELECT * FROM bill_lines LIMIT 0');
  const absent = columns.map(({ name }) => name).filter(name => !delivered.includes(name));
  expect(absent).toContain('split_line_item_split_cost');
  expect(await world.lake.trino.rows(`SELECT count(*) AS n FROM bill_lines WHERE coalesce(${absent.map(name => `cast(${name} AS varchar)`).join(', ')}) IS NOT NULL`))
    .toEqual([{ n: 0 }]);
});

test('a report that is made on Trino says what was generated', async () => {
  const { trino } = world.lake;
  const { by } = truth;
  const { report } = await buildReport({
    ...world.sources,
    engine: {
      rows: async sql => trino.rows(sql),
      result: async (sql) => {
        const { columns, rows } = await trino.query(sql);
        return { columns: columns.map(({ name }) => name), rows };
      },
      close: () => undefined,
    },
  }, { by, asOf: new Date(truth.as_of) });
  const { checked, wrong } = differences(truth, report);
  expect(wrong).toEqual([]);
  expect(checked).toBeGreaterThan(100);
});
