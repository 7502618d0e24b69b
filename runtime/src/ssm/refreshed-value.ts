import { firstFailurePrinted, newGuard } from '../guard';
import { unlessAborted } from '../signing/plain-request';

/**
 * How a value is kept fresh.
 */
export interface RefreshOptions {
  /**
   * Seconds after which a value is read again, in the background, when it is next used. A failed attempt is repeated after a tenth of them.
   *
   * @default 300
   */
  readonly ttlSeconds?: number;

  /**
   * Seconds after which one attempt counts as failed, so that a service that does not answer keeps nothing waiting for ever.
   *
   * @default 10
   */
  readonly timeoutSeconds?: number;

  /**
   * Hears of every attempt that failed. The last good value stays in use, whatever the listener does.
   *
   * @default - the first failure is printed, as a warning of the process
   */
  readonly onRefreshError?: (error: unknown) => void;

  /**
   * Milliseconds since 1970, by which values grow old.
   *
   * @default Date.now
   */
  readonly clock?: () => number;
}

/** How a value is read. */
export interface ValueReader<T> {
  /** What is read, as a reader of a warning would write it. */
  readonly subject: string;
  /** Reads the value. @param last the last good one, @param signal aborts after the time of one attempt */
  read(last: T | undefined, signal: AbortSignal): Promise<T>;
  /** Value to start with when the first attempt fails. @default - the start fails */
  readonly initial?: T;
}

const DEFAULT_TTL_SECONDS = 300;
const DEFAULT_TIMEOUT_SECONDS = 10;
const RETRIES_PER_TTL = 10;

/**
 * A value that was read from elsewhere, and is read again once it is old.
 *
 * Using it never waits and never fails: an old value is given while the next one is on its way, and stays when that does not arrive. There
 * is no timer, so that nothing is read for a process that makes no calls, and nothing keeps one alive.
 */
export class RefreshedValue<T> {
  /**
   * Reads the value for the first time.
   *
   * @throws what the reader throws, unless there is an initial value
   */
  public static async start<T>(reader: ValueReader<T>, options: RefreshOptions): Promise<RefreshedValue<T>> {
    const { initial } = reader;
    if (initial === undefined) {
      return new RefreshedValue(reader, options, await attempt(reader, options));
    }
    const value = new RefreshedValue(reader, options, initial);
    await value.refresh().catch(() => undefined);
    return value;
  }

  private readonly ttlMs: number;
  private readonly clock: () => number;
  private readonly onRefreshError: (error: unknown) => unknown;
  private readonly guard = newGuard('onRefreshError', 'refreshListener');
  private nextRead: number;
  private reading?: Promise<void>;

  private constructor(private readonly reader: ValueReader<T>, private readonly options: RefreshOptions, private value: T) {
    this.ttlMs = (options.ttlSeconds ?? DEFAULT_TTL_SECONDS) * 1000;
    this.clock = options.clock ?? Date.now;
    this.onRefreshError = options.onRefreshError ?? firstFailurePrinted(
      reason => `${reader.subject} could not be read, and the last good value stays in use: ${reason} (further failures are not printed)`, 'refreshFailed',
    );
    this.nextRead = this.clock() + this.ttlMs;
  }

  /** The last good value. One that is old is read again in the background. */
  public get current(): T {
    // who refreshes in the background hears of failures through the listener
    if (this.reading === undefined && this.clock() >= this.nextRead) void this.refresh().catch(() => undefined);
    return this.value;
  }

  /**
   * Reads the value now, or waits for the attempt that is on its way.
   *
   * @throws what the reader throws; the last good value stays
   */
  public refresh(): Promise<void> {
    this.reading ??= this.readOnce().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async readOnce(): Promise<void> {
    try {
      this.value = await attempt(this.reader, this.options, this.value);
      this.nextRead = this.clock() + this.ttlMs;
    } catch (error) {
      this.nextRead = this.clock() + this.ttlMs / RETRIES_PER_TTL;
      this.guard(() => this.onRefreshError(error));
      throw error;
    }
  }
}

/** Reads once. What does not heed the signal, such as credentials that never come, fails all the same; no timer keeps the process alive. */
function attempt<T>(reader: ValueReader<T>, { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS }: RefreshOptions, last?: T): Promise<T> {
  const signal = AbortSignal.timeout(Math.ceil(timeoutSeconds * 1000));
  return unlessAborted(reader.read(last, signal), signal);
}
