import { Fn } from 'aws-cdk-lib';
import { packageText } from '../private/package-file';
import type { AthenaViewColumn } from './athena-view';
import { renderBillExports } from './sql/bill-exports';
import { hiveType, viewColumns } from './sql/view-columns';
import { renderRows, renderView, VIEW_NAMES, type ViewParameters } from './sql/view-template';

/** A view of the catalog. */
export interface CatalogView {
  readonly name: string;
  /** What the view answers, from the head of its text. */
  readonly description: string;
  readonly sql: string;
  readonly columns: AthenaViewColumn[];
  /** Names of the views that it reads. */
  readonly reads: readonly string[];
}

/** What the views of a catalog depend on beside their parameters. */
export interface CatalogContents {
  readonly parameters: ViewParameters;
  /** Names of the exports of the bill, newest first. */
  readonly exportNames: string[];
  /** The columns of `cost_and_usage`, partitions last. */
  readonly billColumns: AthenaViewColumn[];
}

/** Every view of the catalog, in an order in which each needs only those before it. */
export function renderCatalogViews({ parameters, exportNames, billColumns }: CatalogContents): CatalogView[] {
  const views = VIEW_NAMES.map((name) => {
    const text = packageText('lib', 'analytics', 'sql', 'views', `${name}.sql`);
    const columns = name === 'bill_lines'
      ? billColumns
      : viewColumns(name, parameters).map(column => ({ name: column.name, type: hiveType(column.type) }));
    return { name, description: questionOf(text), sql: renderView(text, parameters).trimEnd(), columns };
  });
  const all = [...renderSmallTables(exportNames), ...views];
  return all.map((view, index) => ({
    ...view,
    reads: all.slice(0, index).map(({ name }) => name).filter(name => new RegExp(`\\b(FROM|JOIN) ${name}\\b`).test(view.sql)),
  }));
}

/** Tables of a few rows that come with this package or are known at deployment: nothing has to write them. */
function renderSmallTables(exportNames: string[]): Omit<CatalogView, 'reads'>[] {
  return [
    {
      name: 'bill_exports',
      description: 'The exports that deliver the bill, or have delivered it: generation 1 is the newest',
      sql: renderBillExports(Fn.join(',', exportNames)),
      columns: [{ name: 'export_name', type: 'string' }, { name: 'generation', type: 'bigint' }],
    },
    shipped('route_prefixes', 'Prefixes of model ids, and the route that they stand for', 'route-prefixes.json', ['prefix', 'route']),
    shipped('billing_regions', 'Regions behind the codes in usage types', 'billing-regions.json', ['code', 'region']),
  ];
}

function shipped(name: string, description: string, file: string, columns: readonly string[]): Omit<CatalogView, 'reads'> {
  const { entries } = JSON.parse(packageText('lib', 'price-book', 'data', file)) as { entries: Record<string, string>[] };
  return {
    name,
    description,
    sql: renderRows(columns, entries.map(entry => columns.map(column => entry[column]))),
    columns: columns.map(column => ({ name: column, type: 'string' })),
  };
}

/** The question in the head of a view, which may take several lines. */
function questionOf(text: string): string {
  const [, question] = /^-- Question: (.*(?:\n-- {11}.*)*)/.exec(text) ?? [];
  return question.replace(/\n--\s*/g, ' ').trim();
}
