import type { Notify } from '../../private/handlers/notifier.lambda-shared';
import { isRefusal, messageOf } from '../../private/handlers/passing-errors.lambda-shared';
import { fingerprint, sameConfiguration } from './compare-configurations.lambda-shared';
import type { DeliveryFlags, LoggingConfiguration } from './constants';
import { decide, Decision, ownerOf } from './decide.lambda-shared';
import type { OnForeignConfiguration } from './enums';
import type { LoggingApi } from './logging-api.lambda-shared';
import { foreignMessage } from './messages.lambda-shared';
import type { Memories, OwnerId, Snapshot } from './parameters.lambda-shared';
import { type Patience, patiently } from './patience.lambda-shared';

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
   * Removes the live configuration if it is the given one and has the name of this stack on it; what was overwritten is put back.
   *
   * @param own what this resource asked for last
   * @param restorableRoleArn the one foreign role that may be handed to the service
   */
  public async remove(own: LoggingConfiguration, restorableRoleArn?: string): Promise<RemoveOutcome> {
    const { memories, patience } = this.options;
    if (await patiently(patience, () => this.stepAside())) return RemoveOutcome.LEFT;
    // first of all, so that the drift guard does not put back what is removed next
    await patiently(patience, async () => {
      await memories.expected.clear();
      await memories.repairs.clear();
    });
    const { isOurs, snapshot, isBack } = await patiently(patience, () => this.lookBeforeRemoval(own));
    // never overwritten, or back already: an attempt that was cut short has left the rest to do
    if (isBack) return this.restored(snapshot);
    if (!isOurs) return this.gone(RemoveOutcome.LEFT);
    if (snapshot === undefined) return this.gone(await this.removeIfStillThere(own));
    const problem = await this.tryRestore(snapshot, restorableRoleArn);
    if (problem === undefined) return this.restored(snapshot);
    await this.removeIfStillThere(own);
    await this.sayNotRestored(snapshot, problem);
    return this.gone(RemoveOutcome.NOT_RESTORED);
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
        + 'one that failed, so it left the foreign configuration as it is. A drift guard, if there is one, deals with it at its next look.',
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
    const { memories, self: { logicalId } } = this.options;
    const before = await memories.expected.read();
    const former = before === undefined || before.logicalId === logicalId ? before?.former : before.logicalId;
    await memories.expected.write({ configuration, adopted, logicalId, former });
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

  private async lookBeforeRemoval(own: LoggingConfiguration): Promise<Removal> {
    const { api, memories, self } = this.options;
    const live = await api.get();
    const snapshot = await memories.snapshot.read();
    const putBy = live && ownerOf(live, await memories.owner.read());
    return {
      // the name was left before the configuration was put: without it, it is somebody else's, however like ours it is
      isOurs: sameConfiguration(live, own) && putBy?.stackId === self.stackId,
      snapshot,
      isBack: snapshot !== undefined && sameConfiguration(live, snapshot.configuration),
    };
  }

  private async removeIfStillThere(own: LoggingConfiguration): Promise<RemoveOutcome> {
    const { api, patience } = this.options;
    let tried = false;
    return patiently(patience, async () => {
      if (!sameConfiguration(await api.get(), own)) return tried ? RemoveOutcome.REMOVED : RemoveOutcome.LEFT;
      tried = true;
      await api.remove();
      return RemoveOutcome.REMOVED;
    });
  }

  /** Takes the name of the stack away, if it is there. */
  private async gone(outcome: RemoveOutcome): Promise<RemoveOutcome> {
    const { memories, patience, self } = this.options;
    await patiently(patience, async () => {
      if ((await memories.owner.read())?.stackId === self.stackId) await memories.owner.clear();
    });
    return outcome;
  }

  /** Leaves the name of the former owner, forgets what is in place again, and says so. */
  private async restored(snapshot: Snapshot | undefined): Promise<RemoveOutcome> {
    const { memories, notify, patience, self } = this.options;
    await this.gone(RemoveOutcome.RESTORED);
    await patiently(patience, async () => {
      if (snapshot?.owner !== undefined) await memories.owner.write(snapshot.owner);
      await memories.snapshot.clear();
    });
    await notify({
      subject: 'Bedrock invocation logging: the former configuration is back',
      text: `The stack ${self.stackId} gave up its configuration, and the one that it had overwritten is back:\n${JSON.stringify(snapshot?.configuration)}`,
    });
    return RemoveOutcome.RESTORED;
  }

  private async sayNotRestored(snapshot: Snapshot, problem: string): Promise<void> {
    const { memories, notify, runbook, self } = this.options;
    await notify({
      subject: 'Bedrock invocation logging: RESTORE FAILED, nothing is logged now',
      text: `The stack ${self.stackId} removed its configuration but could not put back the one that it had overwritten: ${problem}\n`
        + `What was there is kept in the SSM parameter ${memories.snapshot.name}; somebody who may pass its role has to put it back:\n`
        + `${JSON.stringify(snapshot.configuration)}\nRunbook: ${runbook}`,
    });
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
  private async stepAside(): Promise<boolean> {
    const { memories, self } = this.options;
    const owner = await memories.owner.read();
    const expected = await memories.expected.read();
    const ownersTurn = owner?.stackId === self.stackId ? otherOf(owner, self.logicalId) : undefined;
    const watchersTurn = expected && otherOf(expected, self.logicalId);
    if (owner !== undefined && ownersTurn !== undefined) await memories.owner.write({ ...owner, logicalId: ownersTurn, former: undefined });
    if (expected !== undefined && watchersTurn !== undefined) {
      await memories.expected.write({ ...expected, logicalId: watchersTurn, former: undefined });
    }
    return ownersTurn !== undefined || watchersTurn !== undefined;
  }
}

/** The other resource that has a right to what one of the two gives up: the one that came later, or else the one that was there before. */
function otherOf({ logicalId, former }: { readonly logicalId: string; readonly former?: string }, own: string): string | undefined {
  return logicalId === own ? former : logicalId;
}

/** What was found before a removal. */
interface Removal {
  readonly isOurs: boolean;
  readonly snapshot: Snapshot | undefined;
  /** Whether what had been overwritten is live. */
  readonly isBack: boolean;
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
