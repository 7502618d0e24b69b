import type { RecordedRequest } from './recorded-request';

/** How the next calls of an operation are answered otherwise than usual. */
export interface Order {
  /** Code of an error, such as `ThrottlingException`. */
  readonly code?: string;
  /** Message of the error. */
  readonly message?: string;
  /** HTTP status: that of the code unless it is said, 500 when there is no code; without an error that of the answer. */
  readonly status?: number;
  /** Headers in addition to the usual ones. */
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON in place of the usual body of an answer that is no stream. */
  readonly body?: object;
  /** Which calls, all of the operation unless it is said. */
  readonly when?: (request: RecordedRequest) => boolean;
  /** How many calls, one unless it is said. */
  readonly times?: number;
  /** Milliseconds before anything is answered. */
  readonly delayMs?: number;
  /** What is waited for before anything is answered. */
  readonly until?: Promise<unknown>;
  /** Events of a stream that are sent before the connection breaks: the socket of HTTP/1.1, the stream of HTTP/2. */
  readonly abortAfterEvents?: number;
  /** Milliseconds before each event of a stream, or what is waited for before the event with that index. */
  readonly slowEvents?: number | ((index: number) => Promise<unknown>);
  /** Error that ends a stream with status 200 in the middle. */
  readonly exceptionEvent?: { readonly code: string; readonly message: string; readonly afterEvents: number };
}

/** What was ordered and has not been used up. */
export class OrderBook {
  private orders: { readonly operation: string; readonly order: Order; left: number }[] = [];

  public add(operation: string, order: Order): void {
    this.orders.push({ operation, order, left: order.times ?? 1 });
  }

  /** The first order that fits, which is used up by that. */
  public take(request: RecordedRequest): Order | undefined {
    const found = this.orders.find(({ operation, order, left }) =>
      operation === request.operation && left > 0 && (order.when?.(request) ?? true));
    if (found === undefined) return undefined;
    found.left--;
    return found.order;
  }

  public clear(): void {
    this.orders = [];
  }
}
