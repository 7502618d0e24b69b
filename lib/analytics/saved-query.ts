import type { SavedQueryName } from './sql/saved-query-files';

/**
 * Properties of a saved query of your own.
 */
export interface SavedQueryOptions {
  /** The statement, as Athena runs it: up to 262,144 bytes. A table without a database is one of the catalog. */
  readonly sql: string;

  /**
   * What the query answers, up to 1024 characters.
   *
   * @default - no description
   */
  readonly description?: string;
}

/**
 * A query that can be saved in a workgroup: one that comes with this package, made for a schema, or one of your own.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/saved-queries.html
 */
export class SavedQuery {
  /** How many tokens does each breakdown key use, week by week? */
  public static readonly WEEKLY_TOKENS = SavedQuery.shipped('weekly-tokens');

  /** What is billed for each breakdown key, day by day? */
  public static readonly DAILY_SPEND = SavedQuery.shipped('daily-spend');

  /** What is billed so far this month, and what would the month be at this rate? */
  public static readonly MONTH_TO_DATE = SavedQuery.shipped('month-to-date');

  /** Where did spend grow most, week over week? */
  public static readonly TOP_GROWTH = SavedQuery.shipped('top-growth');

  /** What is billed for each model and tier? */
  public static readonly SPEND_BY_MODEL = SavedQuery.shipped('spend-by-model');

  /** What does a million tokens cost on the bill, by model and route? */
  public static readonly COST_PER_MILLION_TOKENS = SavedQuery.shipped('cost-per-million-tokens');

  /** What does a request cost, by feature? */
  public static readonly UNIT_ECONOMICS = SavedQuery.shipped('unit-economics');

  /** How much of the input comes from a cache, and what does caching cost? */
  public static readonly CACHE_RATIO = SavedQuery.shipped('cache-ratio');

  /** Who calls most, by estimated dollars? */
  public static readonly TOP_CALLERS = SavedQuery.shipped('top-callers');

  /** What did each caller ask for, prompt by prompt? */
  public static readonly PROMPT_DETAILS = SavedQuery.shipped('prompt-details');

  /** Which dollars does each key not explain, and why? */
  public static readonly UNTAGGED_SPEND = SavedQuery.shipped('untagged-spend');

  /** How well is each key known, in dollars? */
  public static readonly ATTRIBUTION_ASSURANCE = SavedQuery.shipped('attribution-assurance');

  /** Where do the tags of a caller and of a resource disagree? */
  public static readonly TAG_CONFLICTS = SavedQuery.shipped('tag-conflicts');

  /** Who declares a value that IAM disproves? */
  public static readonly FORGED_CLAIMS = SavedQuery.shipped('forged-claims');

  /** Whose request metadata breaks the schema? */
  public static readonly SCHEMA_VIOLATIONS = SavedQuery.shipped('schema-violations');

  /** Where is Amazon Bedrock billed and not logged? */
  public static readonly SILENT_REGIONS = SavedQuery.shipped('silent-regions');

  /** Which calls have no price? */
  public static readonly UNPRICED_REQUESTS = SavedQuery.shipped('unpriced-requests');

  /** Which delivered log objects hold lines that are no record? */
  public static readonly MALFORMED_LOG_LINES = SavedQuery.shipped('malformed-log-lines');

  /** Do the estimates agree with the bill, and what makes the difference? */
  public static readonly ESTIMATE_AGAINST_BILL = SavedQuery.shipped('estimate-against-bill');

  /** Is there a billing bucket whose attributed dollars and reasons do not add up to the bill? */
  public static readonly MONEY_IDENTITY = SavedQuery.shipped('money-identity');

  /** Do attributed dollars and reasons add up to the bill? */
  public static readonly MONEY_IDENTITY_SUMMARY = SavedQuery.shipped('money-identity-summary');

  /** What does a month add up to? */
  public static readonly MONTH_CLOSING = SavedQuery.shipped('month-closing');

  /** Every query that comes with this package. */
  public static all(): SavedQuery[] {
    return Object.values(SavedQuery).filter(query => query instanceof SavedQuery);
  }

  /**
   * A query of your own.
   *
   * @param name name in the list of saved queries, without the prefix; it is the construct id as well
   */
  public static of(name: string, options: SavedQueryOptions): SavedQuery {
    return new SavedQuery(name, options);
  }

  private static shipped(name: SavedQueryName): SavedQuery {
    return new SavedQuery(name);
  }

  private constructor(
    /** Name in the list of saved queries, without the prefix. */
    public readonly name: string,

    /**
     * The query itself, where it is one of your own.
     *
     * @internal
     */
    public readonly _own?: SavedQueryOptions,
  ) {}
}
