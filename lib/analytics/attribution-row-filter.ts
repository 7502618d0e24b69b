import { createHash } from 'crypto';
import { Resource, Stack, Token } from 'aws-cdk-lib';
import type * as glue from 'aws-cdk-lib/aws-glue';
import * as lakeformation from 'aws-cdk-lib/aws-lakeformation';
import type { Construct } from 'constructs';
import { throwProblems } from '../private/errors';
import { LakeFormationPermissions } from './lake-formation-permissions';
import type { LakeFormationPrincipal } from './lake-formation-principal';
import { quote } from './sql/view-template';

/**
 * Properties of a row filter.
 */
export interface AttributionRowFilterProps {
  /** The database of the tables. */
  readonly database: glue.IDatabaseRef;

  /**
   * Names of the tables, such as `usage_daily` and `usage_ledger`. They have to be there when the filter is made, and to be tables: Lake
   * Formation filters no rows of a view.
   */
  readonly tableNames: string[];

  /** Name of the column that decides, such as `team`. */
  readonly column: string;

  /** Values of which a row has to have one. Rows without a value are hidden. */
  readonly values: string[];

  /** Who may read these rows. Permissions add up: whoever may read a whole table by another one goes on reading all of it. */
  readonly readers: LakeFormationPrincipal[];
}

/** The longest expression, in characters. */
const MAX_EXPRESSION = 2048;

/**
 * The rows that somebody may read, enforced by Lake Formation: for accounts in which it governs the location of the tables.
 *
 * Athena applies the filter to queries of the tables themselves. It does not reach through views, so such a reader asks the tables. Give a
 * reader one such filter per database: it brings the permission to see the database, which leaves with it.
 *
 * @see https://docs.aws.amazon.com/lake-formation/latest/dg/data-filtering.html
 * @see https://docs.aws.amazon.com/athena/latest/ug/lf-athena-limitations.html
 */
export class AttributionRowFilter extends Resource {
  /** Name of the filter in Lake Formation, the same for each table. It ends in a hash of what it lets through: no filter can be changed. */
  public readonly filterName: string;

  constructor(scope: Construct, id: string, props: AttributionRowFilterProps) {
    super(scope, id);
    const { tableNames, column, values, readers } = props;
    const { databaseName } = props.database.databaseRef;
    const filterExpression = `${column} IN (${values.map(quote).join(', ')})`;
    validateRowFilter(props, filterExpression, this);

    const tableCatalogId = this.stack.account;
    const hash = createHash('sha256').update(JSON.stringify(Stack.of(this).resolve(filterExpression))).digest('hex');
    this.filterName = `${column}_${hash.slice(0, 8)}`;
    const filters = tableNames.map((tableName, index) => new lakeformation.CfnDataCellsFilter(this, `Filter${index}`, {
      tableCatalogId, databaseName, tableName, name: this.filterName, rowFilter: { filterExpression }, columnWildcard: {},
    }));

    const permissions = new LakeFormationPermissions(this, 'Permissions');
    for (const reader of readers) {
      permissions.give(reader, ['DESCRIBE'], { database: { catalogId: tableCatalogId, name: databaseName } });
      for (const filter of filters) {
        const { tableName, name } = filter;
        permissions.give(reader, ['SELECT'], { dataCellsFilter: { tableCatalogId, databaseName, tableName, name } }, [filter]);
      }
    }
  }
}

function validateRowFilter(props: AttributionRowFilterProps, expression: string, scope: Construct): void {
  const { tableNames, column, values, readers } = props;
  const problems = [...tableNames.flatMap((name, index) => nameProblems(`tableNames[${index}]`, name)), ...nameProblems('column', column)];
  for (const [prop, list] of Object.entries({ tableNames, values, readers })) {
    if (list.length === 0) problems.push(`${prop} is empty: name at least one, for nobody could read anything`);
  }
  problems.push(...twice('tableNames', tableNames), ...twice('readers', readers.map(({ identifier }) => identifier)));
  if (!Token.isUnresolved(expression) && expression.length > MAX_EXPRESSION) {
    problems.push(`values make an expression of ${expression.length} characters: use fewer, Lake Formation takes ${MAX_EXPRESSION}`);
  }
  throwProblems('InvalidAttributionRowFilter', 'the row filter', problems, scope);
}

function nameProblems(prop: string, name: string): string[] {
  if (Token.isUnresolved(name) || /^[a-z0-9_]{1,255}$/.test(name)) return [];
  return [`${prop} is ${JSON.stringify(name)}: use 1 to 255 lower-case letters, digits and underscores`];
}

function twice(prop: string, list: string[]): string[] {
  return list.filter((entry, index) => list.indexOf(entry) < index).map(entry => `${prop} has ${JSON.stringify(entry)} twice: keep one`);
}
