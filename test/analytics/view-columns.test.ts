import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { makeCatalog } from '../support/make-catalog';

const VIEWS = path.join(__dirname, '../../lib/analytics/sql/views');

/** What the SQL of these blocks is made of, beside columns: a new function or keyword is added here. */
const WORDS = new Set(`and as at bigint case cast coalesce date else element_at end from_iso8601_timestamp in is json_extract_scalar left like lower
  not null nullif on or regexp_extract regexp_replace replace select substr then varchar time timestamp try try_cast when where zone`.split(/\s+/));

interface TableInput {
  readonly Name: string;
  readonly PartitionKeys: { readonly Name: string }[];
  readonly StorageDescriptor: { readonly Columns: { readonly Name: string }[] };
}

const columnsOf = (tableName: string): string[] => tableOf(tableName).StorageDescriptor.Columns.map(({ Name }) => Name);
const partitionsOf = (tableName: string): string[] => tableOf(tableName).PartitionKeys.map(({ Name }) => Name);

function tableOf(tableName: string): TableInput {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
  makeCatalog(stack);
  const [table] = Object.values(Template.fromStack(stack).findResources('AWS::Glue::Table', { Properties: { TableInput: { Name: tableName } } }));
  return table.Properties.TableInput as TableInput;
}

/** The block of a view that reads a raw table: the text from SELECT to the end of that common table expression. */
function blockThatReads(tableName: string, view: string): string {
  const sql = fs.readFileSync(path.join(VIEWS, `${view}.sql`), 'utf8').replace(/--.*$/gm, '');
  const block = sql.split(/\n\)/).find(part => new RegExp(`FROM ${tableName}\\b`).test(part)) ?? '';
  return block.slice(block.indexOf('SELECT'));
}

/** Names in a block of SQL that are neither SQL nor another table's: of a nested field, the column that holds it. */
function columnsRead(block: string, tableName: string): string[] {
  const others = [...block.matchAll(/\bJOIN \w+ (\w+)/g)].map(([, alias]) => alias);
  const names = block
    .replace(/'[^']*'|\{\w+\}/g, '')
    .replace(/\bAS [a-z_0-9]+/g, '')
    .replace(new RegExp(`\\bFROM ${tableName}\\b|\\bJOIN \\w+ \\w+`, 'g'), '')
    .replace(/(\w+)\.\w+/g, '$1')
    .match(/\b[a-z]\w*/gi) ?? [];
  return [...new Set(names.map(name => name.toLowerCase()))].filter(name => !WORDS.has(name) && !others.includes(name));
}

// bill_lines has the columns of cost_and_usage
test.each([
  ['invocation_logs', 'invocation_records', 'invocation_logs', ['requestid', 'input', 'output', 'identity']],
  ['cost_and_usage', 'bedrock_bill_lines', 'bill_lines', ['line_item_usage_amount', 'product', 'tags']],
])('%s has every column that %s reads', (tableName, view, source, known) => {
  const read = columnsRead(blockThatReads(source, view), source);
  expect(read).toEqual(expect.arrayContaining(known));
  const columns = [...columnsOf(tableName), ...partitionsOf(tableName)];
  expect(read.filter(name => !columns.includes(name))).toEqual([]);
});

test.each(['line_item_unblended_cost', 'line_item_net_unblended_cost'])('cost_and_usage has %s, which a report may be asked to count', cost => {
  expect(columnsOf('cost_and_usage')).toContain(cost);
});

test('the partitions by which bill_lines decides are those of the table', () => {
  const sql = fs.readFileSync(path.join(VIEWS, 'bill_lines.sql'), 'utf8').replace(/--.*$/gm, '');
  const read = [...sql.matchAll(/\b(?:cost_and_usage|delivered)\.(\w+)/g)].map(([, name]) => name);
  expect([...new Set(read)].sort()).toEqual(['billing_period', 'export_name']);
  expect(partitionsOf('cost_and_usage')).toEqual(['export_name', 'billing_period']);
});

test('no other view reads a raw table', () => {
  const readers = fs.readdirSync(VIEWS).filter(name => /\b(FROM|JOIN) (invocation_logs|cost_and_usage)\b/.test(fs.readFileSync(path.join(VIEWS, name), 'utf8')));
  expect(readers).toEqual(['bill_lines.sql', 'invocation_records.sql']);
});
