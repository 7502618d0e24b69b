import { sqlType } from '../../lib/analytics/sql/view-columns';
import { AttributionSchema } from '../../lib/schema';
import { synthesizeCatalog } from './lake/catalog';
import { ACCOUNT, EXPORT, REGION } from './lake/deliver';
import { Lake } from './lake/lake';
import { World } from './lake/world';
import { type SynthesizedTemplate, type TableInput, tableInputs, viewDefinition } from './trino/glue-tables';

const CATALOG = { schema: AttributionSchema.starter(), accounts: [ACCOUNT], regions: [REGION], firstDay: '2026-10-01', exportName: EXPORT };

const VIEWS = tableInputs(synthesizeCatalog({ ...CATALOG, databaseName: 'any', settlementHours: 72 }), {})
  .filter(({ TableType }) => TableType === 'VIRTUAL_VIEW')
  .map(view => [view.Name, view] as const);

const lake = new Lake();
let world: World;

beforeAll(async () => {
  world = await World.openEmpty(lake, CATALOG);
});

afterAll(() => { world.close(); });

/** Types that engines hold for the same in a view: a view widens what its query answers with. */
function widened(type: string): string {
  return type
    .replaceAll(', ', ',')
    .replace(/varchar\(\d+\)/g, 'varchar')
    .replace(/^(integer|smallint|tinyint)$/, 'bigint')
    .replace(/^timestamp\([0-2]\)$/, 'timestamp(3)');
}

test.each(VIEWS)('the columns of %s are declared as its query answers', async (_, view) => {
  const { columns, originalSql } = viewDefinition(view);
  const { columns: answered } = await lake.trino.query(`SELECT * FROM (${originalSql}\n) LIMIT 0`);
  const compared = (list: typeof columns): typeof columns => list.map(({ name, type }) => ({ name, type: widened(type) }));
  expect(compared(columns)).toEqual(compared(answered));
});

test.each(VIEWS)('the columns of %s are the same in both of its languages', (_, view) => {
  const ofGlue = view.StorageDescriptor.Columns.map(({ Name, Type }) => ({ name: Name, type: sqlType(Type) }));
  expect(viewDefinition(view).columns).toEqual(ofGlue);
});

describe('a view whose columns are declared wrongly', () => {
  const [, coverage] = VIEWS.find(([name]) => name === 'logging_coverage')!;
  type Columns = { name: string; type: string }[];

  /** Defines the view under another name, with other columns. */
  function define(name: string, change: (columns: Columns) => Columns): void {
    const definition = viewDefinition(coverage);
    const changed = { ...definition, schema: lake.database, columns: change(definition.columns.map(column => ({ ...column }))) };
    const text = `/* Presto View: ${Buffer.from(JSON.stringify(changed)).toString('base64')} */`;
    const TableInput: TableInput = { ...coverage, Name: name, ViewOriginalText: text };
    const template: SynthesizedTemplate = { Resources: { View: { Type: 'AWS::Glue::Table', Properties: { TableInput } } } };
    lake.define(template);
  }

  test.each<[string, (columns: Columns) => Columns]>([
    ['wrong_type', columns => columns.map(({ name, type }) => ({ name, type: name === 'billed_usd' ? 'bigint' : type }))],
    ['wrong_name', columns => columns.map(({ name, type }) => ({ name: name === 'billed_usd' ? 'cost' : name, type }))],
    ['wrong_order', columns => columns.reverse()],
    ['one_too_few', columns => columns.slice(1)],
  ])('fails as stale: %s', async (name, change) => {
    define(name, change);
    await expect(lake.trino.query(`SELECT * FROM ${name}`)).rejects.toMatchObject({ errorName: 'VIEW_IS_STALE' });
  });

  test('answers when nothing is changed about it', async () => {
    define('unchanged', columns => columns);
    expect(await lake.trino.rows('SELECT * FROM unchanged')).toEqual([]);
  });
});
