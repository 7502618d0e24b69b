import { fingerprint, sameConfiguration, sideBySide } from './compare-configurations.lambda-shared';
import type { LoggingConfiguration } from './constants';
import type { OwnerMarker } from './owner-marker.lambda-shared';
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
  readonly marker: OwnerMarker;
  /** The stack that asks. */
  readonly stackId: string;
  readonly timing: Timing;
  readonly retryBudgetMs: number;
}

/** Somebody else's configuration is live. */
class ForeignConfigurationError extends Error {}

/** The service kept refusing for longer than it is worth waiting. */
class GaveUpError extends Error {}

/** An attempt to put a configuration ended without success. */
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
  public constructor(private readonly options: AccountSettingOptions) {}

  /**
   * Makes the wanted configuration the live one, unless the live one is neither wanted nor the previous one of the same stack.
   *
   * @param wanted the configuration to put
   * @param previous what this stack put before, on an update
   * @returns whether the wanted configuration is live; false only for the rollback of an update that was refused
   */
  public async put(wanted: LoggingConfiguration, previous?: LoggingConfiguration): Promise<boolean> {
    const { api, marker, stackId } = this.options;
    let mayHaveWritten = false;
    const attempt = async (): Promise<boolean> => {
      // looked at before every attempt: somebody else may have configured the Region while this one was waiting
      const live = await api.get();
      if (live !== undefined && !await this.mayReplace(live, wanted, previous)) {
        if (previous !== undefined && await this.wasLastPut(wanted)) return false;
        throw new ForeignConfigurationError(foreignMessage(live, wanted, await this.otherOwner(live)));
      }
      if (!sameConfiguration(live, wanted)) {
        try {
          await api.put(wanted);
          mayHaveWritten = true;
        } catch (error) {
          mayHaveWritten ||= !isRefusal(error);
          throw error;
        }
      }
      await marker.write({ stackId, fingerprint: fingerprint(wanted) });
      return true;
    };
    try {
      return await this.retrying(attempt);
    } catch (error) {
      throw new PutFailure(messageOf(error), mayHaveWritten);
    }
  }

  /**
   * Removes the live configuration if it is still the given one, and no other stack says that it is its own.
   *
   * @returns whether it was removed; false means that none was there, or that somebody else's is and stays
   */
  public async remove(own: LoggingConfiguration): Promise<boolean> {
    const { api, marker, stackId } = this.options;
    return this.retrying(async () => {
      const live = await api.get();
      const removable = live !== undefined && sameConfiguration(live, own) && await this.otherOwner(live) === undefined;
      if (removable) await api.remove();
      if ((await marker.read())?.stackId === stackId) await marker.clear();
      return removable;
    });
  }

  /** A stack may replace what it put itself, and take over what is already as it should be and nobody else's. */
  private async mayReplace(live: object, wanted: LoggingConfiguration, previous?: LoggingConfiguration): Promise<boolean> {
    if (previous !== undefined) return sameConfiguration(live, wanted) || sameConfiguration(live, previous);
    return sameConfiguration(live, wanted) && await this.otherOwner(live) === undefined;
  }

  /**
   * Whether this is the configuration that this stack put last.
   *
   * After an update was refused because of a foreign configuration, CloudFormation sends a second update with the two configurations
   * exchanged. What is wanted then was never replaced by us; refusing once more would leave the stack stuck in a failed rollback.
   */
  private async wasLastPut(wanted: LoggingConfiguration): Promise<boolean> {
    const owner = await this.options.marker.read();
    return owner?.stackId === this.options.stackId && owner.fingerprint === fingerprint(wanted);
  }

  /** The other stack that put exactly this, if one did. */
  private async otherOwner(live: object): Promise<string | undefined> {
    const owner = await this.options.marker.read();
    if (owner === undefined || owner.stackId === this.options.stackId) return undefined;
    return owner.fingerprint === fingerprint(live) ? owner.stackId : undefined;
  }

  private retrying<T>(operation: () => Promise<T>): Promise<T> {
    return retry(operation, {
      timing: this.options.timing,
      budgetMs: this.options.retryBudgetMs,
      isRetryable,
      onGiveUp: (error, attempts, elapsedMs) => new GaveUpError(giveUpMessage(messageOf(error), attempts, elapsedMs)),
    });
  }
}

/** Errors that pass by themselves: throttling, a fault of the service, and policies that have not yet reached every host. */
function isRetryable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'ValidationException') return isPermissionCheck(error.message);
  return ['ThrottlingException', 'AccessDeniedException'].includes(error.name) || faultOf(error) === 'server';
}

function isPermissionCheck(message: string): boolean {
  return message.includes('Failed to validate permissions for');
}

/** Whether the service said no, as opposed to saying nothing or failing half-way. */
function isRefusal(error: unknown): boolean {
  return faultOf(error) === 'client';
}

function faultOf(error: unknown): unknown {
  return error instanceof Error && '$fault' in error ? error.$fault : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function foreignMessage(found: object, wanted: LoggingConfiguration, owner: string | undefined): string {
  return [
    'this account and Region already have a model invocation logging configuration that this stack did not make; it was left as it is.',
    ...owner === undefined ? [] : [`It was put by the stack ${owner}.`],
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
