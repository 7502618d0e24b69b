import * as athena from 'aws-cdk-lib/aws-athena';
import { Construct } from 'constructs';
import { throwProblems } from '../private/errors';
import { packageText } from '../private/package-file';
import type { AttributionSchema } from '../schema';
import type { IAttributionCatalog } from './attribution-catalog';
import { SavedQuery } from './saved-query';
import { clashingKeys, defaultBreakdown, renderSavedQuery, type QueryParameters } from './sql/saved-query-files';
import { spendKeysOf, viewKeys } from './sql/view-keys';
import { NOW } from './sql/view-template';
import { keyProblems, queryProblems, type QueryToSave } from './validate-saved-queries';

/**
 * Properties of saved queries.
 */
export interface SavedQueriesProps {
  /** The catalog with the views that the queries read. */
  readonly catalog: IAttributionCatalog;

  /** The workgroup that the queries are saved in, such as a `QueryWorkGroup`. */
  readonly workGroup: athena.IWorkGroupRef;

  /** The schema that the views of the catalog were made for. */
  readonly schema: AttributionSchema;

  /**
   * The queries to save: those that come with this package, and your own.
   *
   * @default SavedQuery.all()
   */
  readonly queries?: SavedQuery[];

  /**
   * Names of the keys that dollars are split by in the views of the catalog.
   *
   * @default - the keys of the schema that ride on a tag
   */
  readonly spendKeys?: string[];

  /**
   * Names of the keys that rows are broken down by, some of `spendKeys`. `SavedQuery.UNIT_ECONOMICS` adds `feature` where it is one too.
   *
   * @default - team and service, as far as they are among `spendKeys`; its first two where neither is
   */
  readonly breakdownKeys?: string[];

  /**
   * What stands before the name of every query. It tells the queries of two catalogs in one workgroup apart.
   *
   * @default 'bedrock-cost-attribution/'
   */
  readonly namePrefix?: string;
}

/**
 * Saved queries on the views of a catalog, in the list that the query editor of Athena shows for a workgroup.
 *
 * Each is about a period that moves with the day on which it is run; two lines at its top name the first and the last day. Athena charges
 * for the data that a run reads, and nothing for a query that is saved.
 *
 * CloudFormation replaces a saved query when anything about it changes, with a new id; its name stays. Athena refuses to delete a workgroup
 * that holds saved queries: delete this construct first, or let the workgroup delete them (`recursiveDelete` of `QueryWorkGroup`).
 *
 * Belongs into the account and Region of catalog and workgroup.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-athena-namedquery.html
 */
export class SavedQueries extends Construct {
  /** Names of the queries as Athena lists them, prefix included. */
  public readonly queryNames: string[];

  /** The id of each query, which `athena:GetNamedQuery` takes, by its name without the prefix. */
  public readonly namedQueryIds: Record<string, string>;

  constructor(scope: Construct, id: string, props: SavedQueriesProps) {
    super(scope, id);
    const namePrefix = props.namePrefix ?? 'bedrock-cost-attribution/';
    const viewedKeys = viewKeys(props.schema);
    const keys = viewedKeys.map(key => key.name);
    const spendKeys = props.spendKeys ?? spendKeysOf(viewedKeys);
    const breakdownKeys = props.breakdownKeys ?? defaultBreakdown(spendKeys);
    throwProblems('InvalidSavedQueries', 'the list of saved queries', keyProblems(keys, spendKeys, breakdownKeys), this);

    const parameters: QueryParameters = {
      keys, spendKeys, breakdownKeys, asOf: NOW, dailyUsage: 'usage_daily',
    };
    const queries = (props.queries ?? SavedQuery.all()).map(query => textOf(query, parameters));
    throwProblems('InvalidSavedQueries', 'the list of saved queries', queryProblems(namePrefix, queries), this);

    const save = (queryId: string, { name, sql, description }: QueryToSave) => new athena.CfnNamedQuery(this, queryId, {
      database: props.catalog.databaseRef.databaseName,
      workGroup: props.workGroup,
      name: `${namePrefix}${name}`,
      description,
      queryString: sql,
    });
    this.queryNames = queries.map(({ name }) => `${namePrefix}${name}`);
    this.namedQueryIds = Object.fromEntries(queries.map(query => [query.name, save(query.name, query).attrNamedQueryId]));
  }
}

/** The text of a query that comes with this package, made for the schema, or of another as it is. */
function textOf({ name, _own }: SavedQuery, parameters: QueryParameters): QueryToSave {
  if (_own !== undefined) return { name, ..._own };
  const file = packageText('lib', 'analytics', 'sql', 'queries', `${name}.sql`);
  const { question, sql } = renderSavedQuery(name, file, parameters);
  return { name, sql, description: question, clashes: clashingKeys(file, parameters.keys) };
}
