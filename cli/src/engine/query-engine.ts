/** A row as plain JavaScript values; integers of any width are numbers. */
export type Row = Record<string, unknown>;

/** The answer to a query: the names of the columns in their order, and the rows. */
export interface QueryResult {
  readonly columns: string[];
  readonly rows: Row[];
}

/**
 * Where the SQL of the views runs: embedded, or in a deployed workgroup. Queries may be asked at the same time; dates come as
 * `YYYY-MM-DD`, timestamps as ISO 8601 in UTC.
 */
export interface QueryEngine {
  /** The rows of a query. */
  rows(sql: string): Promise<Row[]>;
  /** Rows with the columns in their order, for a query that nobody foresaw. */
  result(sql: string): Promise<QueryResult>;
  /** Lets go of everything; queries that still run are stopped. */
  close(): void | Promise<void>;
}
