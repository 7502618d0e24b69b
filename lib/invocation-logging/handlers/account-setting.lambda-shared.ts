import { fingerprint, sameConfiguration, sideBySide } from './compare-configurations.lambda-shared';
import type { LoggingConfiguration } from './constants';
import type { Owner, OwnerId, OwnerMarker } from './owner-marker.lambda-shared';
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
  /** The resource that asks. */
  readonly self: OwnerId;
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
    const { api } = this.options;
    let mayHaveWritten = false;
    const attempt = async (): Promise<boolean> => {
      // looked at before every attempt: somebody else may have configured the Region while this one was waiting
      const live = await api.get();
      if (live !== undefined && !await this.mayReplace(live, wanted, previous)) {
        if (previous !== undefined && await this.wasLastPut(wanted)) return false;
        throw new ForeignConfigurationError(foreignMessage(live, wanted, this.ownerSentence(await this.ownerOf(live))));
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
      await this.leaveName(wanted);
      return true;
    };
    try {
      return await this.retrying(attempt);
    } catch (error) {
      throw new PutFailure(messageOf(error), mayHaveWritten);
    }
  }

  /**
   * Removes the live configuration if it is still the given one, and nobody else says that it is his own.
   *
   * @returns whether it was removed; false means that none was there, or that somebody else's is and stays
   */
  public async remove(own: LoggingConfiguration): Promise<boolean> {
    const { api, marker, self } = this.options;
    let removed = false;
    return this.retrying(async () => {
      const live = await api.get();
      const owner = await marker.read();
      if (owner?.stackId === self.stackId && await this.stepAside(owner)) return false;
      if (live !== undefined && sameConfiguration(live, own) && !this.isOfOtherStack(await this.ownerOf(live))) {
        await api.remove();
        removed = true;
      }
      if (owner?.stackId === self.stackId) await marker.clear();
      return removed;
    });
  }

  /**
   * Leaves the configuration to the other resource of the stack that has a right to it, if there is one.
   *
   * A construct that got another id or path is a new resource to CloudFormation, which makes it before it deletes the former one, and
   * deletes it again when the update is rolled back. Neither deletion may switch off what the other resource stands for.
   */
  private async stepAside(owner: Owner): Promise<boolean> {
    const { marker, self } = this.options;
    if (owner.logicalId !== self.logicalId) {
      if (owner.former === self.logicalId) await marker.write({ ...owner, former: undefined });
      return true;
    }
    if (owner.former === undefined) return false;
    await marker.write({ ...owner, logicalId: owner.former, former: undefined });
    return true;
  }

  private async leaveName(wanted: LoggingConfiguration): Promise<void> {
    const { marker, self } = this.options;
    const owner = await this.ownerOf(wanted);
    const isOfSameStack = owner !== undefined && !this.isOfOtherStack(owner);
    const former = isOfSameStack && owner.logicalId !== self.logicalId ? owner.logicalId : owner?.former;
    await marker.write({ ...self, fingerprint: fingerprint(wanted), former: isOfSameStack ? former : undefined });
  }

  /** A resource may replace what it put itself, and take over what is already as it should be and no other stack's. */
  private async mayReplace(live: object, wanted: LoggingConfiguration, previous?: LoggingConfiguration): Promise<boolean> {
    if (previous !== undefined) return sameConfiguration(live, wanted) || sameConfiguration(live, previous);
    return sameConfiguration(live, wanted) && !this.isOfOtherStack(await this.ownerOf(live));
  }

  /**
   * Whether this is the configuration that this stack put last.
   *
   * After an update was refused because of a foreign configuration, CloudFormation sends a second update with the two configurations
   * exchanged. What is wanted then was never replaced by us; refusing once more would leave the stack stuck in a failed rollback.
   */
  private async wasLastPut(wanted: LoggingConfiguration): Promise<boolean> {
    const owner = await this.ownerOf(wanted);
    return owner !== undefined && !this.isOfOtherStack(owner);
  }

  /** Who put exactly this last, if anybody left his name. */
  private async ownerOf(configuration: object): Promise<Owner | undefined> {
    const owner = await this.options.marker.read();
    return owner?.fingerprint === fingerprint(configuration) ? owner : undefined;
  }

  private isOfOtherStack(owner: Owner | undefined): boolean {
    return owner !== undefined && owner.stackId !== this.options.self.stackId;
  }

  private ownerSentence(owner: Owner | undefined): string[] {
    if (owner === undefined) return [];
    if (this.isOfOtherStack(owner)) return [`It was put by the stack ${owner.stackId}.`];
    return [
      `It was put by the resource ${owner.logicalId} of this stack: to CloudFormation, a construct with another id or path is another resource. `
      + 'Give InvocationLogging its former id and path, or take it out, deploy, and put it in again.',
    ];
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

/** Errors that pass by themselves: throttling, a fault of a service, and policies that have not yet reached every host. */
function isRetryable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'ValidationException') return isPermissionCheck(error.message);
  return ['ThrottlingException', 'TooManyUpdates', 'AccessDeniedException'].includes(error.name) || faultOf(error) === 'server';
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

function foreignMessage(found: object, wanted: LoggingConfiguration, ownerSentence: string[]): string {
  return [
    'this account and Region already have a model invocation logging configuration that this resource did not make; it was left as it is.',
    ...ownerSentence,
    'To keep it, take InvocationLogging out of this stack and describe its bucket or log group with InvocationLogStore.fromInvocationLogStoreAttributes.',
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
