import type { Guard } from '../guard';
import type { CallStatus, CallUsage, ObservedOperation, TokenCounts } from './call-usage';
import { observeStream } from './observed-stream';
import { type ConverseAnswer, readConverse, readEvent, readHeaders, type StreamEvent, type Told } from './token-counts';

/** What is known when a call begins. */
export interface CallStart {
  readonly operation: ObservedOperation;
  readonly requestedModelId: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What is known once the request of a call is built. */
export type SentCall = Pick<CallUsage, 'modelId' | 'region' | 'serverAddress' | 'serverPort'>;

/** Follows one call. */
export interface CallObserver {
  /** Runs the call itself. Left out, it just runs. */
  readonly within?: <R>(call: () => R) => R;
  /** Called once, when the call has ended. A promise that it gives is not waited for. */
  readonly ended: (usage: CallUsage) => unknown;
}

/** What an AWS SDK client answers within its middleware. */
export interface Answer {
  readonly response: unknown;
  readonly output?: object;
}

interface AnswerMetadata {
  readonly requestId?: string;
  readonly attempts?: number;
}

interface Output extends ConverseAnswer {
  readonly $metadata?: AnswerMetadata;
  readonly stream?: AsyncIterable<StreamEvent>;
  readonly body?: AsyncIterable<StreamEvent>;
}

/** A call from its beginning to its end, which is reported once. */
export class ObservedCall {
  private readonly startedAt: number;
  private sent: SentCall = {};
  private answer: AnswerMetadata = {};
  private counts?: TokenCounts;
  private stopReason?: string;
  private firstChunkAt?: number;
  private over = false;

  public constructor(
    private readonly start: CallStart,
    private readonly observer: CallObserver,
    private readonly clock: () => number,
    private readonly guard: Guard,
  ) {
    this.startedAt = clock();
  }

  /** The request is about to be signed and sent. */
  public sending(sent: SentCall): void {
    this.sent = sent;
  }

  /** The service has answered: gives the answer as the caller is to get it. */
  public answered<A extends Answer>(answer: A): A {
    const output = (answer.output ?? {}) as Output;
    this.answer = output.$metadata ?? {};
    switch (this.start.operation) {
      case 'Converse':
        this.read(() => readConverse(output));
        break;
      case 'InvokeModel':
        this.read(() => readHeaders((answer.response as { readonly headers?: object } | undefined)?.headers));
        break;
      case 'ConverseStream':
        if (output.stream === undefined) break;
        return { ...answer, output: { ...output, stream: this.follow(output.stream) } };
      case 'InvokeModelWithResponseStream':
        if (output.body === undefined) break;
        return { ...answer, output: { ...output, body: this.follow(output.body) } };
    }
    this.end('complete');
    return answer;
  }

  /** There is no answer. */
  public failed(error: unknown): void {
    this.answer = (error as { readonly $metadata?: AnswerMetadata } | undefined)?.$metadata ?? {};
    this.end('failed', error);
  }

  private follow(stream: AsyncIterable<StreamEvent>): AsyncIterable<StreamEvent> {
    // without the counts, which come last, a stream was cut: it may end without an error then
    const end = (): void => {
      this.end(this.counts === undefined ? 'partial' : 'complete');
    };
    return observeStream(stream, {
      event: event => {
        this.firstChunkAt ??= this.clock();
        this.read(() => readEvent(event));
      },
      ended: end,
      left: end,
      broken: error => {
        this.end('partial', error);
      },
    });
  }

  private read(read: () => Told): void {
    const told = this.guard(read);
    this.counts = told?.counts ?? this.counts;
    this.stopReason = told?.stopReason ?? this.stopReason;
  }

  private end(status: CallStatus, error?: unknown): void {
    if (this.over) return;
    this.over = true;
    const { startedAt, firstChunkAt } = this;
    this.guard(() => this.observer.ended({
      ...this.start,
      ...this.sent,
      ...this.counts,
      status,
      errorName: error === undefined ? undefined : nameOf(error),
      durationMs: this.clock() - startedAt,
      timeToFirstChunkMs: firstChunkAt === undefined ? undefined : firstChunkAt - startedAt,
      attempts: this.answer.attempts,
      requestId: this.answer.requestId,
      stopReason: this.stopReason,
    }));
  }
}

/** The name of an error; of one of Node.js its code, because their names are all the same. */
function nameOf(error: unknown): string {
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  const names = name === 'Error' ? [code, name] : [name];
  return names.find((candidate): candidate is string => typeof candidate === 'string') ?? typeof error;
}
