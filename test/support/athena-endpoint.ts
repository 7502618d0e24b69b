import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** JSON of which the endpoint knows no more than that it is an object. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what arrives is judged by tests, each of which knows its shape
export type Fields = Record<string, any>;

/** A request that reached the endpoint. */
export interface AthenaCall {
  /** Name of the operation, such as `StartQueryExecution`. */
  readonly operation: string;
  /** What was sent. */
  readonly input: Fields;
}

/** The answer of an engine: values as the text that Athena makes of them. */
export interface AthenaAnswer {
  /** Names, and types in the words of Athena: `varchar`, `bigint`, `timestamp`, … */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** Bytes that the query has read, 1,000 unless it is said. */
  readonly scannedBytes?: number;
}

/** Whatever runs the SQL. What it throws becomes the reason of a failed query. */
export type AthenaRunner = (sql: string) => Promise<AthenaAnswer>;

/** A failure that is ordered for the next calls of an operation. */
export interface AthenaFailure {
  /** Name of the exception. */
  readonly code: string;
  readonly message: string;
  /** HTTP status, 400 unless it is said. */
  readonly status?: number;
  /** How many calls fail, all of them unless it is said. */
  readonly times?: number;
}

/** How a query ends that is not to succeed. */
export interface QueryFate {
  readonly state: 'FAILED' | 'CANCELLED';
  readonly reason: string;
  /** Whether Athena says that it may succeed when it is sent again. */
  readonly retryable?: boolean;
  /** Which queries; all of them unless it is said. */
  readonly when?: RegExp;
  /** How many queries end like that, all of them unless it is said. */
  readonly times?: number;
}

interface Execution {
  readonly id: string;
  readonly sql: string;
  readonly input: Fields;
  readonly polls: { left: number };
  state: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  reason?: string;
  retryable?: boolean;
  answer?: AthenaAnswer;
}

/** The service refuses a request. */
class Refusal extends Error {
  public constructor(readonly code: string, message: string, readonly status = 400) {
    super(message);
  }
}

/** @see https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html */
const MOST_ROWS_A_PAGE = 1000;
const ENDED = ['SUCCEEDED', 'FAILED', 'CANCELLED'];

/**
 * Athena as far as this package calls it, over HTTP in its protocol, JSON 1.1: one workgroup and one database, and an engine of the test
 * behind them. Queries are queued, run and end; results come in pages, the names of the columns as the first row.
 *
 * @see https://docs.aws.amazon.com/athena/latest/APIReference/API_Operations.html
 */
export class AthenaEndpoint {
  /** Starts on a free port of this machine. */
  public static async start(runner: AthenaRunner, place: { workgroup: string; database: string }): Promise<AthenaEndpoint> {
    const endpoint = new AthenaEndpoint(runner, place);
    await new Promise<void>(resolve => endpoint.server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  /** All requests, in their order. */
  public readonly calls: AthenaCall[] = [];

  /** Rows on a page at most, whatever is asked for. */
  public pageRows = MOST_ROWS_A_PAGE;

  /** How often a query is looked at before it has ended. */
  public polls = 1;

  private readonly executions = new Map<string, Execution>();
  private failures: (AthenaFailure & { readonly operation: string; left: number })[] = [];
  private fates: (QueryFate & { left: number })[] = [];
  private readonly server: Server = createServer((request, response) => void this.serve(request, response));

  private constructor(private readonly runner: AthenaRunner, private readonly place: { workgroup: string; database: string }) {}

  /** Address for the `endpoint` of SDK clients. */
  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Queries by how they stand. */
  public get states(): string[] {
    return [...this.executions.values()].map(({ state }) => state);
  }

  /** Has the next calls of an operation fail. */
  public fail(operation: string, failure: AthenaFailure): void {
    this.failures.push({ ...failure, operation, left: failure.times ?? Infinity });
  }

  /** Has the next queries end otherwise than by succeeding. */
  public end(fate: QueryFate): void {
    this.fates.push({ ...fate, left: fate.times ?? Infinity });
  }

  /** Ends everything that was ordered, and forgets all calls and queries. */
  public reset(): void {
    this.failures = [];
    this.fates = [];
    this.calls.length = 0;
    this.executions.clear();
    this.pageRows = MOST_ROWS_A_PAGE;
    this.polls = 1;
  }

  /** What was sent to an operation, in the order of the calls. */
  public inputsOf(operation: string): Fields[] {
    return this.calls.filter(call => call.operation === operation).map(({ input }) => input);
  }

  public async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1)!;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const input = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Fields;
    this.calls.push({ operation, input });
    const { status, body } = await this.take(operation, input);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  }

  private async take(operation: string, input: Fields): Promise<{ status: number; body: object }> {
    try {
      const failure = this.failures.find(next => next.operation === operation && next.left > 0);
      if (failure !== undefined) {
        failure.left--;
        throw new Refusal(failure.code, failure.message, failure.status);
      }
      return { status: 200, body: await this.answer(operation, input) };
    } catch (error) {
      const { code, message, status } = error instanceof Refusal ? error : new Refusal('InternalServerException', String(error), 500);
      return { status, body: { __type: code, Message: message } };
    }
  }

  private async answer(operation: string, input: Fields): Promise<object> {
    switch (operation) {
      case 'StartQueryExecution': return { QueryExecutionId: this.start(input).id };
      case 'GetQueryExecution': return { QueryExecution: await this.look(this.execution(input)) };
      case 'GetQueryResults': return this.results(this.execution(input), input);
      case 'StopQueryExecution': return this.cancel(this.execution(input));
      default: throw new Refusal('UnknownOperationException', `${operation} is not played by this endpoint`);
    }
  }

  /** The same token starts nothing twice. */
  private start(input: Fields): Execution {
    const { QueryString, ClientRequestToken, WorkGroup, QueryExecutionContext } = input as Record<string, string | undefined> & Fields;
    if (typeof ClientRequestToken !== 'string' || ClientRequestToken.length < 32) throw new Refusal('InvalidRequestException', 'Idempotency token is too short');
    if (WorkGroup !== this.place.workgroup) throw new Refusal('InvalidRequestException', 'WorkGroup is not found.');
    const known = [...this.executions.values()].find(execution => execution.input.ClientRequestToken === ClientRequestToken);
    if (known !== undefined) return known;
    const execution: Execution = { id: randomUUID(), sql: String(QueryString), input, polls: { left: this.polls }, state: 'QUEUED' };
    if ((QueryExecutionContext as Fields | undefined)?.Database !== this.place.database) {
      this.fates.unshift({ state: 'FAILED', reason: `SCHEMA_NOT_FOUND: line 1:15: Schema '${String(QueryExecutionContext?.Database)}' does not exist`, left: 1 });
    }
    this.executions.set(execution.id, execution);
    return execution;
  }

  private execution({ QueryExecutionId }: Fields): Execution {
    const found = this.executions.get(String(QueryExecutionId));
    if (found === undefined) throw new Refusal('InvalidRequestException', `QueryExecution ${String(QueryExecutionId)} was not found`);
    return found;
  }

  /** A query is run when it is looked at for the last time before its end. */
  private async look(execution: Execution): Promise<object> {
    if (!ENDED.includes(execution.state)) {
      execution.state = 'RUNNING';
      if (execution.polls.left-- <= 0) await this.run(execution);
    }
    const { state, reason, retryable, answer, input } = execution;
    return {
      QueryExecutionId: execution.id,
      Query: execution.sql,
      StatementType: 'DML',
      WorkGroup: input.WorkGroup as string,
      QueryExecutionContext: input.QueryExecutionContext as object,
      Status: {
        State: state,
        ...reason === undefined ? {} : { StateChangeReason: reason },
        ...state === 'FAILED' ? { AthenaError: { ErrorCategory: 2, ErrorType: 1006, Retryable: retryable ?? false, ErrorMessage: reason } } : {},
      },
      Statistics: { DataScannedInBytes: answer?.scannedBytes ?? (answer === undefined ? 0 : 1000) },
    };
  }

  private async run(execution: Execution): Promise<void> {
    const fate = this.fates.find(next => next.left > 0 && (next.when ?? /^/).test(execution.sql));
    if (fate !== undefined) {
      fate.left--;
      Object.assign(execution, { state: fate.state, reason: fate.reason, retryable: fate.retryable });
      return;
    }
    try {
      execution.answer = await this.runner(execution.sql);
      execution.state = 'SUCCEEDED';
    } catch (error) {
      Object.assign(execution, { state: 'FAILED', reason: (error as Error).message });
    }
  }

  private results({ answer, state }: Execution, { NextToken, MaxResults }: Fields): object {
    if (answer === undefined) throw new Refusal('InvalidRequestException', `Query has not yet finished. Current state: ${state}`);
    if (MaxResults !== undefined && (MaxResults < 1 || MaxResults > MOST_ROWS_A_PAGE)) {
      throw new Refusal('InvalidRequestException', `MaxResults is ${String(MaxResults)}: use 1 to ${MOST_ROWS_A_PAGE}`);
    }
    const lines = [answer.columns.map(({ name }) => name), ...answer.rows];
    const start = Number(NextToken ?? 0);
    const end = start + Math.min(this.pageRows, Number(MaxResults ?? MOST_ROWS_A_PAGE));
    return {
      UpdateCount: 0,
      ResultSet: {
        ResultSetMetadata: {
          ColumnInfo: answer.columns.map(({ name, type }) => ({ CatalogName: 'hive', SchemaName: '', TableName: '', Name: name, Label: name, Type: type })),
        },
        Rows: lines.slice(start, end).map(line => ({ Data: line.map(value => value === null ? {} : { VarCharValue: value }) })),
      },
      ...end < lines.length ? { NextToken: String(end) } : {},
    };
  }

  private cancel(execution: Execution): object {
    if (!ENDED.includes(execution.state)) Object.assign(execution, { state: 'CANCELLED', reason: 'Query cancelled by user' });
    return {};
  }
}
