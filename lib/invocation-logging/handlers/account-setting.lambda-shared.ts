import { fingerprint, sameConfiguration } from './compare-configurations.lambda-shared';
import type { DeliveryFlags, LoggingConfiguration } from './constants';
import { decide, Decision, ownerOf } from './decide.lambda-shared';
import type { OnForeignConfiguration } from './enums';
import type { LoggingApi } from './logging-api.lambda-shared';
import { foreignMessage, messageOf } from './messages.lambda-shared';
import type { Notify } from './notifier.lambda-shared';
import type { Memories, Owner, OwnerId, Snapshot } from './parameters.lambda-shared';
import { isRefusal, type Patience, patiently } from './patience.lambda-shared';

/** What the account setting works with. */
export interface AccountSettingOptions {
  readonly api: LoggingApi;
  readonly memories: Memories;
  /** The resource that asks. */
  readonly self: OwnerId;
  readonly patience: Patience;
  readonly notify: Notify;
  /** Address of the page that says what to do when a restore failed. */
  readonly runbook: string;
}

/** A wish for a configuration. */
export interface PutRequest {
  readonly wanted: LoggingConfiguration;
  /** What this stack wanted before, on an update. */
  readonly previous?: LoggingConfiguration;
  readonly onForeign: OnForeignConfiguration;
}

/** How a wish for a configuration ended. */
export enum PutOutcome {
  IN_PLACE = 'the configuration is in place',
  OVERWRITTEN = 'the configuration is in place; the foreign one that was there is kept in an SSM parameter',
  ADOPTED = 'a foreign configuration is live; it was left as it is and is watched',
  LEFT = 'a foreign configuration is live; it was left as it is, because the stack had put what is asked for before it came',
}

/** How a wish to have nothing ended. */
export enum RemoveOutcome {
  REMOVED = 'the configuration was removed',
  RESTORED = 'the configuration was removed, and the foreign one that had been there is back',
  NOT_RESTORED = 'the configuration was removed, but the foreign one that had been there could not be put back; it is kept in an SSM parameter',
  LEFT = 'the live configuration is not of this resource and was left as it is',
}

/** Somebody else's configuration is live. */
class ForeignConfigurationError extends Error {}

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

/** What was found before an attempt. */
interface Look {
  readonly decision: Decision;
  readonly live: object | undefined;
  /** Whether no request of the stack has come to its end yet. */
  readonly isFirst: boolean;
}

/** Undoes what was noted before a put that came to nothing. */
type Undo = () => Promise<void>;

/**
 * The model invocation logging configuration of one account and Region.
 *
 * The service keeps exactly one, replaces it blindly and knows no owner, so this class looks before every change and leaves its name first.
 */
export class AccountSetting {
  public constructor(private readonly options: AccountSettingOptions) {}

  /**
   * Makes the wanted configuration the live one, as far as nobody else's is there or the request allows for it.
   *
   * @throws PutFailure when a foreign configuration is live that is neither to be adopted nor overwritten, or when the service refuses
   */
  public async put(request: PutRequest): Promise<PutOutcome> {
    const undo = new Map<string, Undo>();
    const progress = { mayHaveWritten: false, overwritten: false };
    try {
      // looked at before every attempt: somebody else may have configured the Region while this one was waiting
      return await patiently(this.options.patience, async () => {
        const { decision, live, isFirst } = await this.look(request);
        if (live !== undefined && decision === Decision.ADOPT) return await this.adopt(live);
        if (decision === Decision.LEAVE) return await this.leave(request.wanted);
        if (live !== undefined && decision === Decision.OVERWRITE) {
          await this.keepSnapshot(live, undo);
          progress.overwritten = true;
        }
        await this.leaveName(request.wanted, undo);
        // an attempt that was cut short has overwritten it, and told nobody
        progress.overwritten ||= decision === Decision.KEEP && isFirst && await this.options.memories.snapshot.read() !== undefined;
        if (decision !== Decision.KEEP) {
          try {
            await this.options.api.put(request.wanted);
            progress.mayHaveWritten = true;
          } catch (error) {
            progress.mayHaveWritten ||= !isRefusal(error);
            throw error;
          }
        }
        await this.expect(request.wanted, false);
        return progress.overwritten ? await this.sayOverwritten(request.wanted) : PutOutcome.IN_PLACE;
      }, request.wanted.cloudWatchConfig?.logGroupName);
    } catch (error) {
      if (!progress.mayHaveWritten) await Promise.allSettled([...undo.values()].map(step => step()));
      throw new PutFailure(messageOf(error), progress.mayHaveWritten);
    }
  }

  /**
   * Removes the live configuration if it is still the given one, and nobody else says that it is his own; what was overwritten is put back.
   *
   * @param own what this resource asked for last
   * @param restorableRoleArn the one foreign role that may be handed to the service
   */
  public async remove(own: LoggingConfiguration, restorableRoleArn?: string): Promise<RemoveOutcome> {
    const { api, memories, self } = this.options;
    let outcome = RemoveOutcome.LEFT;
    let adopted = false;
    return patiently(this.options.patience, async () => {
      const live = await api.get();
      const owner = await memories.owner.read();
      const expected = await memories.expected.read();
      if (owner?.stackId === self.stackId && await this.stepAside(owner)) return RemoveOutcome.LEFT;
      if (expected !== undefined && expected.logicalId !== self.logicalId) return RemoveOutcome.LEFT;
      adopted ||= expected?.adopted ?? false;
      // first of all, so that the drift guard does not put back what is removed next
      await memories.expected.clear();
      await memories.repairs.clear();
      const snapshot = await memories.snapshot.read();
      if (snapshot !== undefined && sameConfiguration(live, snapshot.configuration)) {
        // never overwritten, or back already: an attempt that was cut short has left the rest to do
        await this.giveBack(snapshot);
        return RemoveOutcome.RESTORED;
      }
      const isOfOther = live !== undefined && this.isOther(ownerOf(live, owner));
      if (sameConfiguration(live, own) && !isOfOther && !adopted) {
        outcome = await this.removeOrRestore(snapshot, restorableRoleArn);
        if (outcome === RemoveOutcome.RESTORED) return outcome;
      }
      if (owner?.stackId === self.stackId) await memories.owner.clear();
      return outcome;
    });
  }

  private async look(request: PutRequest): Promise<Look> {
    const { api, memories, self } = this.options;
    const live = await api.get();
    const owner = await memories.owner.read();
    const expected = await memories.expected.read();
    const decision = decide({ ...request, live, adopted: expected?.adopted ?? false, owner, self });
    if (live !== undefined && decision === Decision.REFUSE) {
      throw new ForeignConfigurationError(foreignMessage(live, request.wanted, ownerOf(live, owner), self));
    }
    return { decision, live, isFirst: expected === undefined };
  }

  private async adopt(live: object): Promise<PutOutcome> {
    const { memories, notify, self } = this.options;
    const known = await memories.expected.read();
    await this.expect(live, true);
    const alreadyAdopted = known?.adopted === true && sameConfiguration(known.configuration, live);
    if (!alreadyAdopted) {
      await notify({
        subject: 'Bedrock invocation logging: a foreign configuration is watched',
        text: `The stack ${self.stackId} found a configuration that it did not make, left it as it is, and watches it:\n${JSON.stringify(live)}`,
      });
    }
    return PutOutcome.ADOPTED;
  }

  private async leave(wanted: LoggingConfiguration): Promise<PutOutcome> {
    await this.expect(wanted, false);
    await this.options.notify({
      subject: 'Bedrock invocation logging: a foreign configuration is live',
      text: `The stack ${this.options.self.stackId} found another configuration than the one that it had put. This update may be the rollback of `
        + 'one that failed, so the foreign configuration was left as it is; the drift guard will report it.',
    });
    return PutOutcome.LEFT;
  }

  /** Keeps what is about to be overwritten, unless an attempt that was cut short has kept it already. */
  private async keepSnapshot(live: object, undo: Map<string, Undo>): Promise<void> {
    const { snapshot, owner } = this.options.memories;
    const kept = await snapshot.read();
    if (sameConfiguration(kept?.configuration, live)) return;
    remember(undo, 'snapshot', () => kept === undefined ? snapshot.clear() : snapshot.write(kept));
    await snapshot.write({ configuration: live, owner: ownerOf(live, await owner.read()) });
  }

  /** Before the put, not after it: a function that dies in between must find its own configuration when it is run again. */
  private async leaveName(wanted: LoggingConfiguration, undo: Map<string, Undo>): Promise<void> {
    const { memories, self } = this.options;
    const owner = await memories.owner.read();
    remember(undo, 'owner', () => owner === undefined ? memories.owner.clear() : memories.owner.write(owner));
    const name = fingerprint(wanted);
    const mine = owner?.stackId === self.stackId ? owner : undefined;
    await memories.owner.write({
      ...self,
      fingerprint: name,
      earlier: mine?.fingerprint === name ? mine.earlier : mine?.fingerprint,
      former: mine?.fingerprint === name && mine.logicalId !== self.logicalId ? mine.logicalId : mine?.former,
    });
  }

  private async expect(configuration: object, adopted: boolean): Promise<void> {
    const { memories, self } = this.options;
    await memories.expected.write({ configuration, adopted, logicalId: self.logicalId });
  }

  private async sayOverwritten(wanted: LoggingConfiguration): Promise<PutOutcome> {
    const { memories, notify, self } = this.options;
    await notify({
      subject: 'Bedrock invocation logging: a foreign configuration was overwritten',
      text: `The stack ${self.stackId} replaced a configuration that it did not make, as it was told to. What was there is kept in the SSM parameter `
        + `${memories.snapshot.name}. Live now:\n${JSON.stringify(wanted)}`,
    });
    return PutOutcome.OVERWRITTEN;
  }

  private async removeOrRestore(snapshot: Snapshot | undefined, restorableRoleArn?: string): Promise<RemoveOutcome> {
    const { api, memories, notify, self, runbook } = this.options;
    if (snapshot === undefined) {
      await api.remove();
      return RemoveOutcome.REMOVED;
    }
    const problem = await this.tryRestore(snapshot, restorableRoleArn);
    if (problem === undefined) {
      await patiently(this.options.patience, () => this.giveBack(snapshot));
      await notify({
        subject: 'Bedrock invocation logging: the former configuration is back',
        text: `The stack ${self.stackId} gave up its configuration and put back the one that it had overwritten:\n${JSON.stringify(snapshot.configuration)}`,
      });
      return RemoveOutcome.RESTORED;
    }
    await api.remove();
    await notify({
      subject: 'Bedrock invocation logging: RESTORE FAILED, nothing is logged now',
      text: `The stack ${self.stackId} removed its configuration but could not put back the one that it had overwritten: ${problem}\n`
        + `What was there is kept in the SSM parameter ${memories.snapshot.name}; somebody who may pass its role has to put it back:\n`
        + `${JSON.stringify(snapshot.configuration)}\nRunbook: ${runbook}`,
    });
    return RemoveOutcome.NOT_RESTORED;
  }

  /** Leaves the name of the former owner, and forgets what is in place again. */
  private async giveBack({ owner }: Snapshot): Promise<void> {
    const { memories, self } = this.options;
    if (owner !== undefined) await memories.owner.write(owner);
    else if ((await memories.owner.read())?.stackId === self.stackId) await memories.owner.clear();
    await memories.snapshot.clear();
  }

  /** @returns why it did not work, or undefined when it did */
  private async tryRestore({ configuration }: Snapshot, restorableRoleArn?: string): Promise<string | undefined> {
    const roleArn = (configuration as LoggingConfiguration).cloudWatchConfig?.roleArn;
    if (roleArn !== undefined && roleArn !== restorableRoleArn) {
      return `it hands the role ${roleArn} to Bedrock, which restorableRole of InvocationLogging does not name (it names ${restorableRoleArn ?? 'none'}).`;
    }
    try {
      await patiently(this.options.patience, async () => {
        const { api } = this.options;
        await api.put(configuration);
        // the service may have reported switches that were off by leaving them out, and take what is left out for on
        if (!sameConfiguration(await api.get(), configuration)) await api.put({ ...ALL_OFF, ...configuration });
      });
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  /**
   * Leaves the configuration to the other resource of the stack that has a right to it, if there is one.
   *
   * A construct that got another id or path is a new resource to CloudFormation, which makes it before it deletes the former one, and
   * deletes it again when the update is rolled back. Neither deletion may switch off what the other resource stands for.
   */
  private async stepAside(owner: Owner): Promise<boolean> {
    const { memories, self } = this.options;
    if (owner.logicalId !== self.logicalId) {
      if (owner.former === self.logicalId) await memories.owner.write({ ...owner, former: undefined });
      return true;
    }
    if (owner.former === undefined) return false;
    const expected = await memories.expected.read();
    if (expected !== undefined) await memories.expected.write({ ...expected, logicalId: owner.former });
    await memories.owner.write({ ...owner, logicalId: owner.former, former: undefined });
    return true;
  }

  private isOther(owner: Owner | undefined): boolean {
    return owner !== undefined && owner.stackId !== this.options.self.stackId;
  }
}

/** What a configuration says that stores metadata only, spelled out. */
const ALL_OFF: DeliveryFlags = {
  textDataDeliveryEnabled: false,
  imageDataDeliveryEnabled: false,
  embeddingDataDeliveryEnabled: false,
  videoDataDeliveryEnabled: false,
  audioDataDeliveryEnabled: false,
};

/** Only the first state counts: later attempts start from what earlier ones left. */
function remember(undo: Map<string, Undo>, what: string, step: Undo): void {
  if (!undo.has(what)) undo.set(what, step);
}
