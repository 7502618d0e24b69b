import { sameConfiguration, sideBySide } from './compare-configurations.lambda-shared';
import type { LoggingConfiguration } from './constants';
import { retry, type Timing } from './retry.lambda-shared';

/** The three operations of the service; a live configuration may hold anything. */
export interface LoggingApi {
  get(): Promise<object | undefined>;
  put(configuration: LoggingConfiguration): Promise<void>;
  remove(): Promise<void>;
}

/** What the account setting works with. */
export interface AccountSettingOptions {
  readonly api: LoggingApi;
  readonly timing: Timing;
  readonly retryBudgetMs: number;
}

/** Somebody else's configuration is live. */
class ForeignConfigurationError extends Error {}

/** The service kept refusing for longer than it is worth waiting. */
class GaveUpError extends Error {}

/** Where an attempt to put a configuration ended without success. */
export class PutFailure extends Error {
  /**
   * @param message what went wrong and what to do
   * @param mayHaveWritten whether the service may have taken the configuration all the same, as after a lost connection
   */
  public constructor(message: string, public readonly mayHaveWritten: boolean) {
    super(message);
    this.name = 'PutFailure';
  }
}

/**
 * The model invocation logging configuration of one account and Region.
 *
 * The service keeps exactly one, replaces it blindly and knows no owner, so this class looks before every change.
 */
export class AccountSetting {
  private readonly api: LoggingApi;
  private readonly timing: Timing;
  private readonly retryBudgetMs: number;

  public constructor(options: AccountSettingOptions) {
    this.api = options.api;
    this.timing = options.timing;
    this.retryBudgetMs = options.retryBudgetMs;
  }

  /**
   * Makes the wanted configuration the live one, unless the live one is neither wanted nor the previous one of the same stack.
   *
   * @param wanted the configuration to put
   * @param previous what this stack put before, on an update
   */
  public async put(wanted: LoggingConfiguration, previous?: LoggingConfiguration): Promise<void> {
    let mayHaveWritten = false;
    const attempt = async (): Promise<void> => {
      // looked at before every attempt: somebody else may have configured the Region while this one was waiting
      const live = await this.api.get();
      if (sameConfiguration(live, wanted)) return;
      if (live !== undefined && !sameConfiguration(live, previous)) throw new ForeignConfigurationError(foreignMessage(live, wanted));
      try {
        await this.api.put(wanted);
      } catch (error) {
        mayHaveWritten ||= !isRefusal(error);
        throw error;
      }
    };
    try {
      await this.retrying(attempt);
    } catch (error) {
      throw new PutFailure(messageOf(error), mayHaveWritten);
    }
  }

  /**
   * Removes the live configuration if it is still the given one.
   *
   * @returns whether it was removed; false means that none was there, or that somebody else's is and stays
   */
  public async remove(own: LoggingConfiguration): Promise<boolean> {
    return this.retrying(async () => {
      if (!sameConfiguration(await this.api.get(), own)) return false;
      await this.api.remove();
      return true;
    });
  }

  private retrying<T>(operation: () => Promise<T>): Promise<T> {
    return retry(operation, {
      timing: this.timing,
      budgetMs: this.retryBudgetMs,
      isRetryable,
      onGiveUp: (error, attempts, elapsedMs) => new GaveUpError(giveUpMessage(messageOf(error), attempts, elapsedMs)),
    });
  }
}

/** Errors that pass by themselves: throttling, a fault of the service, and policies that have not yet reached every host. */
function isRetryable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'ValidationException') return isPermissionCheck(error.message);
  return ['ThrottlingException', 'InternalServerException', 'AccessDeniedException'].includes(error.name);
}

function isPermissionCheck(message: string): boolean {
  return message.includes('Failed to validate permissions for');
}

/** Whether the service said no, as opposed to saying nothing or failing half-way. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && '$fault' in error && error.$fault === 'client';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function foreignMessage(found: object, wanted: LoggingConfiguration): string {
  return [
    'this account and Region already have a model invocation logging configuration that this stack did not make; it was left as it is.',
    'To keep it, take InvocationLogging out of this stack and describe its bucket or log group with InvocationLogStore.fromAttributes.',
    'To replace it, ask its owner, run "aws bedrock delete-model-invocation-logging-configuration" in this Region and deploy again.',
    sideBySide(found, wanted),
  ].join('\n');
}

function giveUpMessage(message: string, attempts: number, elapsedMs: number): string {
  return `gave up after ${attempts} attempts in ${Math.round(elapsedMs / 1000)} s: ${message}${possibleCauses(message)}`;
}

/** The service words several mistakes alike; the reader has to be told which. */
function possibleCauses(message: string): string {
  if (!isPermissionCheck(message)) return '';
  return message.includes('for log group')
    ? ' (The service says the same when the log group does not exist, when its KMS key refuses CloudWatch Logs, and when the role refuses '
      + 'bedrock.amazonaws.com or may not write the log stream aws/bedrock/modelinvocations.)'
    : ' (The service says the same when the bucket policy refuses bedrock.amazonaws.com and when the KMS key policy of the bucket does.)';
}
