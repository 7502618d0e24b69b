import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { AthenaClient, ColumnInfo, GetQueryResultsCommandOutput, QueryExecution } from '@aws-sdk/client-athena';
import { type AthenaPlace, queryProblem, requestProblem } from './athena-problems';
import { columnNames, toRow } from './athena-values';
import type { QueryEngine, QueryResult, Row } from './query-engine';

/** Where and how queries run. */
export interface AthenaSettings extends AthenaPlace {
  /** Region of the workgroup; left out, that of the profile or the environment. */
  readonly region?: string;
  /** Profile of the AWS configuration; left out, the credentials of the environment. */
  readonly profile?: string;
  /** Age in minutes up to which the result of the same query is taken instead of running it. @default 0 */
  readonly reuseMinutes?: number;
  /** Rows on a page of results, at most 1,000. @default 1000 */
  readonly pageRows?: number;
  /** Stops the queries when it is aborted. */
  readonly signal?: AbortSignal;
}

/** What queries have read, and what that is charged. */
export interface Scanned {
  readonly queries: number;
  readonly bytes: number;
  /** Bytes that are charged: of each query at least 10 MB. */
  readonly chargedBytes: number;
}

/** @see https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html */
const MOST_ROWS_A_PAGE = 1000;
/** The service allows a few starts a second; the SDK waits longer after each refusal. */
const REQUEST_ATTEMPTS = 8;
/** How often a query is sent again when Athena says that it may succeed then. */
const QUERY_ATTEMPTS = 3;
const FIRST_POLL_MS = 100;
const LAST_POLL_MS = 2000;
/** @see https://aws.amazon.com/athena/pricing/ */
const LEAST_CHARGED_BYTES = 10e6;

/**
 * The deployed engine: an Athena workgroup and the Glue database that holds the views.
 *
 * The SDK is loaded when the first engine opens, so that nobody else waits for it.
 *
 * @see https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
 */
export class AthenaEngine implements QueryEngine {
  static async open(settings: AthenaSettings): Promise<AthenaEngine> {
    const sdk = await import('@aws-sdk/client-athena');
    const client = new sdk.AthenaClient({
      region: settings.region, profile: settings.profile, maxAttempts: REQUEST_ATTEMPTS, customUserAgent: 'bedrock-cost-attribution',
    });
    return new AthenaEngine(sdk, client, settings);
  }

  private readonly stop = new AbortController();
  private readonly running = new Set<Promise<unknown>>();
  private total: Scanned = { queries: 0, bytes: 0, chargedBytes: 0 };

  private constructor(
    private readonly sdk: typeof import('@aws-sdk/client-athena'),
    private readonly client: AthenaClient,
    private readonly settings: AthenaSettings,
  ) {
    settings.signal?.addEventListener('abort', this.interrupt, { once: true });
  }

  /** What all queries until now have read. */
  get scanned(): Scanned {
    return this.total;
  }

  async rows(sql: string): Promise<Row[]> {
    return (await this.result(sql)).rows;
  }

  async result(sql: string): Promise<QueryResult> {
    const answer = this.answer(sql);
    this.running.add(answer);
    try {
      return await answer;
    } catch (error) {
      throw requestProblem(error, this.settings);
    } finally {
      this.running.delete(answer);
    }
  }

  async close(): Promise<void> {
    this.interrupt();
    await Promise.allSettled(this.running);
    this.settings.signal?.removeEventListener('abort', this.interrupt);
    this.client.destroy();
  }

  private readonly interrupt = (): void => { this.stop.abort(); };

  private async answer(sql: string): Promise<QueryResult> {
    for (let attempt = 1; ; attempt++) {
      const execution = await this.execute(sql);
      if (execution.Status?.State === 'SUCCEEDED') return this.readResult(execution);
      if (execution.Status?.AthenaError?.Retryable !== true || attempt === QUERY_ATTEMPTS) {
        throw queryProblem(execution.Status ?? {}, this.settings);
      }
      await setTimeout(LAST_POLL_MS * attempt, undefined, { signal: this.stop.signal });
    }
  }

  /** Runs a query to its end; one that is left before that is stopped. */
  private async execute(sql: string): Promise<QueryExecution> {
    const id = await this.start(sql);
    try {
      for (let wait = FIRST_POLL_MS; ; wait = Math.min(wait * 2, LAST_POLL_MS)) {
        await setTimeout(wait, undefined, { signal: this.stop.signal });
        const { QueryExecution: execution } = await this.client.send(new this.sdk.GetQueryExecutionCommand({ QueryExecutionId: id }));
        const state = execution?.Status?.State;
        if (execution === undefined || state === undefined || state === 'QUEUED' || state === 'RUNNING') continue;
        this.count(execution);
        return execution;
      }
    } catch (error) {
      // what went wrong first is what is told
      await this.client.send(new this.sdk.StopQueryExecutionCommand({ QueryExecutionId: id })).catch(() => undefined);
      throw error;
    }
  }

  private async start(sql: string): Promise<string> {
    this.stop.signal.throwIfAborted();
    const { workgroup, database, reuseMinutes: minutes = 0 } = this.settings;
    const { QueryExecutionId: id } = await this.client.send(new this.sdk.StartQueryExecutionCommand({
      QueryString: sql,
      // the SDK repeats a request whose answer is lost: the token keeps that from running the query twice
      ClientRequestToken: randomUUID(),
      WorkGroup: workgroup,
      QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: database },
      ...minutes > 0 && { ResultReuseConfiguration: { ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes: minutes } } },
    }));
    return String(id);
  }

  private count({ Statistics: statistics, StatementType: type }: QueryExecution): void {
    const bytes = statistics?.DataScannedInBytes ?? 0;
    const isCharged = type === 'DML' && statistics?.ResultReuseInformation?.ReusedPreviousResult !== true;
    this.total = {
      queries: this.total.queries + 1,
      bytes: this.total.bytes + bytes,
      chargedBytes: this.total.chargedBytes + (isCharged ? Math.max(Math.ceil(bytes / 1e6) * 1e6, LEAST_CHARGED_BYTES) : 0),
    };
  }

  private async readResult({ QueryExecutionId: id, StatementType: type }: QueryExecution): Promise<QueryResult> {
    const { pageRows: MaxResults = MOST_ROWS_A_PAGE } = this.settings;
    const rows: Row[] = [];
    let types: ColumnInfo[] = [];
    let token: string | undefined;
    do {
      const page: GetQueryResultsCommandOutput = await this.client.send(
        new this.sdk.GetQueryResultsCommand({ QueryExecutionId: id, NextToken: token, MaxResults }),
        { abortSignal: this.stop.signal },
      );
      if (token === undefined) types = page.ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
      // only a SELECT repeats the names of its columns as a row, the very first
      const header = type === 'DML' && token === undefined ? 1 : 0;
      const names = columnNames(types);
      for (const row of page.ResultSet?.Rows?.slice(header) ?? []) rows.push(toRow(row.Data ?? [], types, names));
      token = page.NextToken;
    } while (token !== undefined);
    return { columns: columnNames(types), rows };
  }
}
