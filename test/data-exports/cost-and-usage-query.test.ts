import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { BILL_COLUMNS } from '../../cli/src/demo/bill-columns';
import { CostAndUsageExport, type CostAndUsageExportProps } from '../../lib/data-exports';
import { makeCatalog } from '../support/make-catalog';

/** What each flag does to the columns, by the beginning of their names, as the table dictionary of AWS says. */
const FLAGS = [
  { prop: 'includeCapacityReservationData', adds: /^capacity_reservation_/ },
  { prop: 'includeIamPrincipalData', adds: /^line_item_iam_principal$/ },
  { prop: 'includeResources', adds: /^line_item_resource_id$/ },
  { prop: 'includeSplitCostAllocationData', adds: /^split_line_item_/ },
  { prop: 'includeManualDiscountCompatibility', removes: /^discount(_total_discount)?$/ },
] as const;

type Choice = Readonly<Record<(typeof FLAGS)[number]['prop'], boolean>>;

const CHOICES: Choice[] = Array.from({ length: 2 ** FLAGS.length }, (_, bits) => (
  Object.fromEntries(FLAGS.map(({ prop }, index) => [prop, (bits >> index) % 2 === 1])) as Choice
));
const named = (choice: Choice): string => FLAGS.filter(({ prop }) => choice[prop]).map(({ prop }) => prop).join(', ') || 'no flag';
const flipped = (choice: Choice, prop: keyof Choice): Choice => ({ ...choice, [prop]: !choice[prop] });

/** What the parser says of a text, as far as it is looked at. */
interface Parsed {
  readonly error: boolean;
  readonly statements: { readonly node: { readonly select_list: { readonly class: string }[] } }[];
}

interface Synthesized {
  readonly query: string;
  /** Columns of the table to their Athena types. */
  readonly columns: ReadonlyMap<string, string>;
}

function synthesize(props: CostAndUsageExportProps): Synthesized {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
  makeCatalog(stack, { bill: new CostAndUsageExport(stack, 'Bill', { bucketName: 'example-bills', ...props }) });
  const template = Template.fromStack(stack);
  const [resource] = Object.values(template.findResources('AWS::BCMDataExports::Export'));
  const [table] = Object.values(template.findResources('AWS::Glue::Table', { Properties: { TableInput: { Name: 'cost_and_usage' } } }));
  const columns = table.Properties.TableInput.StorageDescriptor.Columns as { Name: string; Type: string }[];
  return {
    query: resource.Properties.Export.DataQuery.QueryStatement as string,
    columns: new Map(columns.map(({ Name, Type }) => [Name, Type])),
  };
}

/** An Athena type as DuckDB calls it. */
function duckType(type: string): string {
  const map = /^map<(.+),(.+)>$/.exec(type);
  if (map) return `MAP(${duckType(map[1])}, ${duckType(map[2])})`;
  const types: Record<string, string> = { string: 'VARCHAR', double: 'DOUBLE', timestamp: 'TIMESTAMP', bigint: 'BIGINT', boolean: 'BOOLEAN' };
  return types[type] ?? type.toUpperCase();
}

const folder = mkdtempSync(join(tmpdir(), 'cost-and-usage-query-'));
let instance: DuckDBInstance;
let connection: DuckDBConnection;

const rows = async (sql: string, values: string[] = []): Promise<Record<string, unknown>[]> => (
  (await connection.runAndReadAll(sql, values)).getRowObjectsJS()
);

/** A row of every column with its type, those that the table of AWS has under the flags, as Parquet; then read as that table. */
async function deliver(columns: ReadonlyMap<string, string>, name: string): Promise<void> {
  const file = join(folder, `${name}.parquet`);
  const select = [...columns].map(([column, type]) => `CAST(NULL AS ${type}) AS ${column}`).join(', ');
  await connection.run(`COPY (SELECT ${select}) TO '${file}' (FORMAT parquet)`);
  await connection.run(`CREATE OR REPLACE VIEW COST_AND_USAGE_REPORT AS SELECT * FROM read_parquet('${file}')`);
}

/** The columns of the table of AWS under the flags, with the types of DuckDB. */
function columnsUnder(choice: Choice, all: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...all]
    .filter(([name]) => FLAGS.every(flag => !('adds' in flag) || choice[flag.prop] || !flag.adds.test(name)))
    .filter(([name]) => FLAGS.every(flag => !('removes' in flag) || !choice[flag.prop] || !flag.removes.test(name)))
    .map(([name, type]) => [name, duckType(type)]));
}

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
});

afterAll(() => {
  connection.closeSync();
  instance.closeSync();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(CHOICES.map(choice => [named(choice), choice] as const))('with %s', (name, choice) => {
  const { query, columns } = synthesize(choice);

  test('the query is one plain SELECT of columns to a parser of SQL', async () => {
    const [{ parsed }] = await rows('SELECT json_serialize_sql($1::VARCHAR) AS parsed', [query]);
    const { error, statements } = JSON.parse(String(parsed)) as Parsed;
    expect(error).toBe(false);
    expect(statements).toHaveLength(1);
    const [{ node }] = statements;
    expect(node).toMatchObject({ type: 'SELECT_NODE', from_table: { table_name: 'COST_AND_USAGE_REPORT' }, where_clause: null });
    expect(new Set(node.select_list.map(item => item.class))).toEqual(new Set(['COLUMN_REF']));
  });

  test('the query takes every column that the flags allow, in the types that the table reads', async () => {
    const allowed = columnsUnder(choice, columns);
    await deliver(allowed, name);
    const described = await rows(`DESCRIBE ${query}`);
    expect(Object.fromEntries(described.map(row => [row.column_name, row.column_type]))).toEqual(Object.fromEntries(allowed));
    expect(await rows(query)).toHaveLength(1);
  });

  test.each(FLAGS.map(({ prop }) => prop))('fails, or leaves columns out, where the table is of another choice of %s', async (prop) => {
    const other = columnsUnder(flipped(choice, prop), columns);
    const allowed = columnsUnder(choice, columns);
    await deliver(other, name);
    if (other.size < allowed.size) await expect(rows(query)).rejects.toThrow(/Binder Error.*not found/s);
    else expect((await rows(`DESCRIBE ${query}`)).length).toBeLessThan(other.size);
  });
});

test('additional columns are selected and read in the type that was given', async () => {
  const { query, columns } = synthesize({ additionalColumns: { line_item_new_amount: 'bigint', line_item_new_map: 'map<string,boolean>' } });
  const allowed = columnsUnder({ ...CHOICES[0], includeIamPrincipalData: true, includeResources: true }, columns);
  await deliver(allowed, 'additional');
  const described = new Map((await rows(`DESCRIBE ${query}`)).map(row => [row.column_name, row.column_type]));
  expect(described.get('line_item_new_amount')).toBe('BIGINT');
  expect(described.get('line_item_new_map')).toBe('MAP(VARCHAR, BOOLEAN)');
  expect(described.size).toBe(allowed.size);
});

test('the generated month has the columns and types that the table reads, of an export with callers and without resources', () => {
  const { columns } = synthesize({});
  const choice = { ...CHOICES[0], includeIamPrincipalData: true };
  expect(Object.fromEntries(BILL_COLUMNS)).toEqual(Object.fromEntries(columnsUnder(choice, columns)));
});
