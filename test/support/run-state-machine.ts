import { randomUUID } from 'node:crypto';
import jsonata from 'jsonata';

/** A value of JSON. */
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

type Variables = Record<string, Json>;

interface AslState {
  readonly Type: string;
  readonly Next?: string;
  readonly [field: string]: unknown;
}

interface AslMachine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, AslState>>;
}

interface Handler {
  readonly ErrorEquals: readonly string[];
  readonly MaxAttempts?: number;
  readonly Next?: string;
  readonly Output?: unknown;
  readonly Assign?: Readonly<Record<string, unknown>>;
}

/** An error by which a service answers, or with which an execution ends. */
export class StateError extends Error {
  constructor(public readonly error: string, public readonly cause = '') {
    super(`${error}: ${cause}`);
  }
}

/** What a run needs of the world. */
export interface RunOptions {
  readonly input: unknown;
  readonly startTime?: Date;
  readonly name?: string;
  /** Does what a task says; throws a `StateError` when the service refuses. */
  readonly task: (resource: string, taskArguments: Record<string, never>) => Promise<unknown>;
}

/** How a run ended. */
export interface Outcome {
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
  /** Names of the states in the order in which they were entered. */
  readonly path: readonly string[];
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Runs a state machine as Step Functions would, as far as its states are `Pass`, `Choice`, `Task`, `Wait`, `Map`, `Succeed` and `Fail` in
 * JSONata. Nothing waits.
 *
 * @see https://states-language.net/
 */
export async function runStateMachine(definition: unknown, options: RunOptions): Promise<Outcome> {
  const run = new Run(options);
  const variables: Variables = {};
  try {
    const output = await run.machine(definition as AslMachine, options.input as Json, variables);
    return { status: 'SUCCEEDED', output, path: run.path, variables };
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return { status: 'FAILED', error: error.error, cause: error.cause, path: run.path, variables };
  }
}

/** What a state leads to. */
interface Step {
  readonly next?: string;
  readonly output: Json;
}

class Run {
  public readonly path: string[] = [];
  private readonly context: Json;

  constructor(private readonly options: RunOptions) {
    const stateMachine = 'arn:aws:states:us-east-1:111122223333:stateMachine:ledger';
    const name = options.name ?? randomUUID();
    this.context = {
      Execution: { Id: `${stateMachine.replace('stateMachine', 'execution')}:${name}`, Name: name, StartTime: (options.startTime ?? new Date()).toISOString() },
      StateMachine: { Id: stateMachine, Name: 'ledger' },
    };
  }

  public async machine({ StartAt, States }: AslMachine, given: Json, variables: Variables): Promise<Json> {
    let [name, input] = [StartAt, given];
    for (;;) {
      this.path.push(name);
      const state = States[name];
      const { next, output } = await this.state(state, input, variables);
      if (next === undefined) return output;
      [name, input] = [next, output];
    }
  }

  private async state(state: AslState, input: Json, variables: Variables): Promise<Step> {
    const evaluate = async (value: unknown): Promise<Json> => this.evaluate(value, { input }, variables);
    switch (state.Type) {
      case 'Fail': throw new StateError(await evaluate(state.Error) as string, await evaluate(state.Cause) as string);
      case 'Succeed': return { output: state.Output === undefined ? input : await evaluate(state.Output) };
      case 'Choice': {
        for (const { Condition, Next } of state.Choices as { Condition: string; Next: string }[]) {
          const holds = await evaluate(Condition);
          if (typeof holds !== 'boolean') throw new StateError('States.QueryEvaluationError', `${Condition} is ${JSON.stringify(holds)} and neither true nor false`);
          if (holds) return { next: Next, output: input };
        }
        return { next: state.Default as string, output: input };
      }
      case 'Pass':
      case 'Wait': return this.end(state, input, variables, {});
      default: return this.work(state, input, variables);
    }
  }

  /** A `Task` or `Map`, with its retries and catchers. */
  private async work(state: AslState, input: Json, variables: Variables): Promise<Step> {
    const attempts = new Map<Handler, number>();
    for (;;) {
      try {
        const result = await (state.Type === 'Map' ? this.map(state, input, variables) : this.task(state, input, variables));
        return await this.end(state, input, variables, { result });
      } catch (error) {
        if (!(error instanceof StateError)) throw error;
        const matches = ({ ErrorEquals }: Handler): boolean => ErrorEquals.some(name => [error.error, 'States.ALL'].includes(name)
          || (name === 'States.TaskFailed' && error.error !== 'States.Timeout' && state.Type === 'Task'));
        const retrier = ((state.Retry ?? []) as Handler[]).find(matches);
        const soFar = retrier === undefined ? 0 : attempts.get(retrier) ?? 0;
        if (retrier !== undefined && soFar < (retrier.MaxAttempts ?? 3)) {
          attempts.set(retrier, soFar + 1);
          continue;
        }
        const catcher = ((state.Catch ?? []) as Handler[]).find(matches);
        if (catcher === undefined) throw error;
        const errorOutput = { Error: error.error, Cause: error.cause };
        const output = catcher.Output === undefined ? errorOutput : await this.evaluate(catcher.Output, { input, errorOutput }, variables);
        await this.assign(catcher.Assign, { input, errorOutput }, variables);
        return { next: catcher.Next, output };
      }
    }
  }

  private async task(state: AslState, input: Json, variables: Variables): Promise<Json> {
    const taskArguments = await this.evaluate(state.Arguments, { input }, variables);
    const answer = await this.options.task(state.Resource as string, taskArguments as Record<string, never>);
    return JSON.parse(JSON.stringify(answer ?? {})) as Json;
  }

  private async map(state: AslState, input: Json, variables: Variables): Promise<Json> {
    const results: Json[] = [];
    for (const item of await this.evaluate(state.Items, { input }, variables) as Json[]) {
      results.push(await this.machine(state.ItemProcessor as AslMachine, item, { ...variables }));
    }
    return results;
  }

  private async end(state: AslState, input: Json, variables: Variables, states: Variables): Promise<Step> {
    const output = state.Output === undefined ? states.result ?? input : await this.evaluate(state.Output, { input, ...states }, variables);
    await this.assign(state.Assign, { input, ...states }, variables);
    return { next: state.Next, output };
  }

  /** All variables get their values at once: none of them sees the new value of another. */
  private async assign(values: unknown, states: Variables, variables: Variables): Promise<void> {
    if (values !== undefined) Object.assign(variables, await this.evaluate(values, states, variables) as Variables);
  }

  private async evaluate(value: unknown, states: Variables, variables: Variables): Promise<Json> {
    if (typeof value === 'string') {
      const found = /^\{%([^]*)%\}$/.exec(value);
      return found === null ? value : evaluateJsonata(found[1], { ...states, context: this.context }, variables);
    }
    if (Array.isArray(value)) return Promise.all(value.map(async item => this.evaluate(item, states, variables)));
    if (typeof value !== 'object' || value === null) return (value ?? null) as Json;
    const names = Object.keys(value);
    const values = await this.evaluate(Object.values(value), states, variables) as Json[];
    return Object.fromEntries(names.map((name, index) => [name, values[index]]));
  }
}

/** The value of an expression; an expression without a value is an error, as it is to Step Functions. */
export async function evaluateJsonata(expression: string, states: unknown, variables: object = {}): Promise<Json> {
  const compiled = jsonata(expression);
  compiled.registerFunction('parse', (text: string) => JSON.parse(text) as Json);
  let value: Json | undefined;
  try {
    value = await compiled.evaluate({}, { ...variables, states }) as Json | undefined;
  } catch (error) {
    throw new StateError('States.QueryEvaluationError', `${expression}: ${(error as Error).message}`);
  }
  if (value === undefined) throw new StateError('States.QueryEvaluationError', `${expression} has no value`);
  return JSON.parse(JSON.stringify(value)) as Json;
}
