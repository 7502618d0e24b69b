import { Fn, Resource, Stack, Token } from 'aws-cdk-lib';
import * as glue from 'aws-cdk-lib/aws-glue';
import type { Construct } from 'constructs';
import { throwProblems } from '../private/errors';
import { sqlType } from './sql/view-columns';

/**
 * A column of an Athena view.
 */
export interface AthenaViewColumn {
  /** Name of the column, in lower case. */
  readonly name: string;

  /**
   * Type of the column as the columns of Athena tables have it: `string`, `bigint`, `double`, `map<string,string>`, … Athena refuses a
   * view as stale when its query answers with a type that does not fit.
   */
  readonly type: string;
}

/**
 * Properties of an Athena view.
 */
export interface AthenaViewProps {
  /** The database of the view, in which its query looks up tables without a database. */
  readonly database: glue.IDatabaseRef;

  /** Name of the view: 1 to 255 lower-case letters, digits and underscores. Changing it replaces the view. */
  readonly viewName: string;

  /** The query: one SELECT, without a semicolon. */
  readonly sql: string;

  /** What the query answers with, in the order of its columns. */
  readonly columns: AthenaViewColumn[];

  /**
   * What the view is for, up to 2048 characters.
   *
   * @default - no description
   */
  readonly description?: string;
}

/** The most that Glue keeps of the text of a view, in characters: the query in JSON, in Base64. */
const MAX_VIEW_TEXT = 409_600;

/**
 * A view of Athena, kept in the Glue catalog the way Athena itself keeps it: as JSON in Base64, with its columns in two languages.
 *
 * What it reads is looked up when somebody asks it: the tables may be made later. Whoever asks needs access to their data as well.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/views.html
 */
export class AthenaView extends Resource {
  /** Name of the view. */
  public readonly viewName: string;

  /** The view as a table of the catalog. */
  public readonly table: glue.ITableRef;

  constructor(scope: Construct, id: string, props: AthenaViewProps) {
    super(scope, id);
    const { database, viewName, sql, columns, description } = props;
    validateAthenaView(props, this);

    const { databaseName } = database.databaseRef;
    // as text only now: names of databases and buckets may be known at deployment only
    const definition = Stack.of(this).toJsonString({
      originalSql: sql,
      catalog: 'awsdatacatalog',
      schema: databaseName,
      columns: columns.map(({ name, type }) => ({ name, type: sqlType(type) })),
    });
    this.table = new glue.CfnTable(this, 'Resource', {
      catalogId: this.stack.account,
      databaseName,
      tableInput: {
        name: viewName,
        description,
        tableType: 'VIRTUAL_VIEW',
        parameters: { presto_view: 'true', comment: 'Presto View' },
        storageDescriptor: {
          columns: columns.map(({ name, type }) => ({ name, type })),
          serdeInfo: {},
        },
        viewOriginalText: Fn.join('', ['/* Presto View: ', Fn.base64(definition), ' */']),
        viewExpandedText: '/* Presto View */',
      },
    });
    this.viewName = viewName;
  }
}

function validateAthenaView({ viewName, sql, columns, description = '' }: AthenaViewProps, scope: Construct): void {
  const problems: string[] = [];
  if (!Token.isUnresolved(viewName) && !/^[a-z0-9_]{1,255}$/.test(viewName)) {
    problems.push(`viewName is ${JSON.stringify(viewName)}: use 1 to 255 lower-case letters, digits and underscores`);
  }
  if (!Token.isUnresolved(sql) && !/^\s*(--.*\n\s*)*(select|with|values)\b/i.test(sql)) {
    problems.push(`sql begins with ${JSON.stringify(sql.slice(0, 40))}: use one SELECT`);
  }
  if (/;\s*$/.test(sql)) problems.push('sql ends with a semicolon: leave it out');
  if (!Token.isUnresolved(sql) && base64Length(sql) > MAX_VIEW_TEXT) {
    problems.push(`sql has ${sql.length} characters, ${base64Length(sql)} in Base64: use at most ${MAX_VIEW_TEXT} of these`);
  }
  if (!Token.isUnresolved(description) && description.length > 2048) {
    problems.push(`description has ${description.length} characters: use at most 2048`);
  }
  if (columns.length === 0) problems.push('columns is empty: name what the query answers with');
  for (const [index, { name, type }] of columns.entries()) {
    if (name !== name.toLowerCase()) problems.push(`columns[${index}].name is ${JSON.stringify(name)}: use lower case`);
    if (columns.findIndex(column => column.name === name) < index) problems.push(`columns has ${JSON.stringify(name)} twice: keep one`);
    if (/\b(varchar(?!\()|integer|map\(|array\(|row\()/.test(type)) {
      problems.push(`columns[${index}].type is ${JSON.stringify(type)}: use the type of a table's column, such as string or map<string,string>`);
    }
  }
  throwProblems('InvalidAthenaView', 'the view', problems, scope);
}

function base64Length(text: string): number {
  return Math.ceil(Buffer.byteLength(JSON.stringify(text)) / 3) * 4;
}
