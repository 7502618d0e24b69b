import { toJsonata } from './run-time-text';

/** A state of a state machine, in the words of the Amazon States Language. */
export type State = Readonly<Record<string, unknown>>;

/** States by name, in the order in which they usually come. */
export type States = Readonly<Record<string, State>>;

/** A JSONata expression as the States Language has it, on one line: no text in it has line breaks of its own. */
export function jsonata(expression: string): string {
  return `{% ${expression.trim().replace(/\s*\n\s*/g, ' ')} %}`;
}

/** Expressions by name. */
export function jsonataEach(expressions: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(expressions).map(([name, expression]) => [name, jsonata(expression)]));
}

/** Where queries run. */
export interface QueryPlace {
  /** ARN of a service integration without what comes after its partition. */
  readonly integration: (name: string) => string;
  readonly workGroupName: string;
  readonly databaseName: string;
}

/** What AWS asks to try again, and what passes by itself. */
const OVERLOAD = {
  ErrorEquals: ['Athena.TooManyRequestsException', 'Athena.InternalServerException', 'Athena.ThrottlingException'],
  IntervalSeconds: 5,
  MaxAttempts: 6,
  BackoffRate: 2,
  MaxDelaySeconds: 120,
  JitterStrategy: 'FULL',
};

/**
 * A query that failed in Athena: most often two writers committed to a table at once, of which Iceberg lets one through. The statements may
 * be repeated as they are.
 */
const FAILED_QUERY = {
  ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 30, MaxAttempts: 3, BackoffRate: 2, MaxDelaySeconds: 300, JitterStrategy: 'FULL',
};

/** Longest that a query may take; Athena ends most itself after half an hour, unless its quota was raised. */
const QUERY_SECONDS = 4 * 3600;

/** How a query goes on. */
export interface QueryFlow {
  readonly next: string;
  /** Where a query goes that failed, with what Athena says as `$failure`. Without it, it is tried again, and then the run fails. */
  readonly failed?: string;
  readonly assign?: Readonly<Record<string, string>>;
  readonly comment: string;
}

/** A state that runs a statement, with places for variables (see `atRunTime`), and waits for its end. */
export function query(place: QueryPlace, statement: string, flow: QueryFlow): State {
  return queryExpression(place, toJsonata(statement), flow);
}

/** A state that runs the statement that an expression stands for. */
export function queryExpression({ integration, workGroupName, databaseName }: QueryPlace, expression: string, flow: QueryFlow): State {
  return {
    Type: 'Task',
    Comment: flow.comment,
    Resource: integration('athena:startQueryExecution.sync'),
    TimeoutSeconds: QUERY_SECONDS,
    Arguments: {
      QueryString: jsonata(expression),
      QueryExecutionContext: { Database: databaseName },
      WorkGroup: workGroupName,
    },
    Output: { queryId: jsonata('$states.result.QueryExecution.QueryExecutionId') },
    ...flow.assign === undefined ? {} : { Assign: jsonataEach(flow.assign) },
    Retry: flow.failed === undefined ? [OVERLOAD, FAILED_QUERY] : [OVERLOAD],
    ...flow.failed === undefined ? {} : {
      Catch: [{
        ErrorEquals: ['States.TaskFailed'],
        Assign: { failure: jsonata('$exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : $states.errorOutput.Error') },
        Next: flow.failed,
      }],
    },
    Next: flow.next,
  };
}

/** A state that reads the answer of the query before it. */
export function readAnswer({ integration }: QueryPlace, assign: Readonly<Record<string, string>>, next: string, comment: string): State {
  return {
    Type: 'Task',
    Comment: comment,
    Resource: integration('athena:getQueryResults'),
    Arguments: { QueryExecutionId: jsonata('$states.input.queryId'), MaxResults: 2 },
    Assign: jsonataEach(assign),
    Output: {},
    Retry: [OVERLOAD, { ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 5, MaxAttempts: 3, BackoffRate: 2, JitterStrategy: 'FULL' }],
    Next: next,
  };
}

/** A state that calls another service. */
export function call(
  { integration }: QueryPlace, service: string, callArguments: unknown, rest: State,
): State {
  return {
    Type: 'Task',
    Resource: integration(service),
    Arguments: callArguments,
    Retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 2, MaxAttempts: 4, BackoffRate: 2, MaxDelaySeconds: 60, JitterStrategy: 'FULL' }],
    ...rest,
  };
}

/** A state that goes one way or the other. */
export function choice(comment: string, ways: readonly (readonly [condition: string, next: string])[], otherwise: string): State {
  return {
    Type: 'Choice',
    Comment: comment,
    Choices: ways.map(([condition, Next]) => ({ Condition: jsonata(condition), Next })),
    Default: otherwise,
  };
}

/** A state that works something out. */
export function assign(comment: string, variables: Readonly<Record<string, unknown>>, next: string): State {
  return { Type: 'Pass', Comment: comment, Assign: variables, Output: {}, Next: next };
}

/** The values of the one row that a query answered with, as text; empty where there is none. */
export function answerExpressions(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => {
    const value = `$states.result.ResultSet.Rows[1].Data[${index}].VarCharValue`;
    return [name, `$exists(${value}) ? ${value} : ''`];
  }));
}
