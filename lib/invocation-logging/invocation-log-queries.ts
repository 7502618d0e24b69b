import { CfnQueryDefinition, type ILogGroupRef } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import { throwProblems } from '../private/errors';
import type { AttributionSchema } from '../schema';
import {
  callerQuery, errorsQuery, keyQueries, missingKeysQuery, modelQuery, operationQuery, type InsightsQuery,
} from './invocation-log-query-strings';
import { queriesProblems, queryProblems } from './validate-invocation-log-queries';

/** A saved query of CloudWatch Logs Insights. */
export interface InvocationLogQuery {
  /** Name of the saved query, folder included. */
  readonly name: string;

  /** The name without the folder, such as `by-team`. */
  readonly shortName: string;

  /** The query itself, in the query language of CloudWatch Logs Insights. */
  readonly queryString: string;

  /**
   * Name of the attribution key that the query counts by.
   *
   * @default - it counts by something else
   */
  readonly keyName?: string;
}

/** Saved queries on the invocation logs of one account and Region. */
export interface IInvocationLogQueries extends IConstruct {
  /** The log group that is queried. */
  readonly logGroup: ILogGroupRef;

  /** The queries: those by key in the order of the schema, then the others. */
  readonly queries: InvocationLogQuery[];
}

/** Properties of `InvocationLogQueries`. */
export interface InvocationLogQueriesProps {
  /** The schema whose keys calls and tokens are counted by. */
  readonly schema: AttributionSchema;

  /** The log group that Bedrock delivers the invocation logs to, of the Standard or the Infrequent Access class. */
  readonly logGroup: ILogGroupRef;

  /**
   * Folder that the queries stand in, with `/` between a folder and one inside it. It tells apart the queries of two log groups in one
   * account and Region.
   *
   * @default 'bedrock-cost-attribution'
   */
  readonly folder?: string;

  /**
   * Rows of the queries that have no natural end: by caller, by a key of high cardinality, by a key that identifies persons, errors, and
   * calls without a required key. The rows with the most calls come first. From 1 to 10,000.
   *
   * @default 100
   */
  readonly rowLimit?: number;

  /**
   * ISO date that decides which keys with a `requiredFrom` are required.
   *
   * @default - keys with a `requiredFrom` count as optional
   */
  readonly requiredOn?: string;
}

/**
 * Saved queries of CloudWatch Logs Insights on invocation logs, generated from an attribution schema.
 *
 * They count calls, failed calls, and input, output, cache-read and cache-write tokens by each key that rides on request metadata, by
 * model, by caller and by operation; they list errors, and callers that leave out a required key. What a call does not say is shown as
 * `(not given)`, so that the rows add up to all calls unless `rowLimit` ends them.
 *
 * The values of keys are what callers declare. A key that identifies persons shows the keyed hash that was sent. A record that the service
 * delivers twice counts twice here, unlike in the views. A saved query costs nothing until somebody runs it.
 *
 * Belongs in the account and Region of the log group.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_Insights-Saving-Queries.html
 */
export class InvocationLogQueries extends Construct implements IInvocationLogQueries {
  /** The log group that is queried. */
  public readonly logGroup: ILogGroupRef;

  /** The queries: those by key in the order of the schema, then the others. */
  public readonly queries: InvocationLogQuery[];

  /** Names of the saved queries, folder included. */
  public readonly queryNames: string[];

  public constructor(scope: Construct, id: string, props: InvocationLogQueriesProps) {
    super(scope, id);

    const { schema, logGroup, folder = 'bedrock-cost-attribution', rowLimit = 100, requiredOn } = props;
    throwProblems('InvalidInvocationLogQueries', 'the invocation log queries', queriesProblems(folder, rowLimit, requiredOn), this);

    const byKey = keyQueries(schema, rowLimit);
    const missingKeys = missingKeysQuery(schema, rowLimit, requiredOn);
    const others = {
      ByModel: modelQuery(),
      ByCaller: callerQuery(rowLimit),
      ByOperation: operationQuery(),
      Errors: errorsQuery(rowLimit),
      ...missingKeys === undefined ? {} : { MissingRequiredKeys: missingKeys },
    };
    const all = [...byKey.values(), ...Object.values(others)];
    throwProblems('InvalidInvocationLogQueries', 'the invocation log queries', queryProblems(folder, all), this);

    const save = (parent: Construct, queryId: string, { what, text }: InsightsQuery): void => {
      const logGroupNames = [logGroup.logGroupRef.logGroupName];
      new CfnQueryDefinition(parent, queryId, { name: `${folder}/${what}`, queryString: text, logGroupNames });
    };
    // a place of their own: the name of a key could be one of the other ids
    const keys = new Construct(this, 'ByKey');
    for (const [name, query] of byKey) save(keys, name, query);
    for (const [queryId, query] of Object.entries(others)) save(this, queryId, query);

    const show = ({ what, text }: InsightsQuery): InvocationLogQuery => ({ name: `${folder}/${what}`, shortName: what, queryString: text });
    this.logGroup = logGroup;
    this.queries = [...[...byKey].map(([keyName, query]) => ({ ...show(query), keyName })), ...Object.values(others).map(show)];
    this.queryNames = this.queries.map(({ name }) => name);
  }
}
