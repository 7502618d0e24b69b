import { fingerprint, sameConfiguration } from './compare-configurations.lambda-shared';
import { type LoggingConfiguration } from './constants';
import { OnForeignConfiguration } from './enums';
import type { Owner, OwnerId } from './parameters.lambda-shared';

/** All that matters for what to do about the live configuration. */
export interface Situation {
  /** What is configured now. */
  readonly live: object | undefined;
  /** What is asked for. */
  readonly wanted: LoggingConfiguration;
  /** What the stack asked for before, on an update. */
  readonly previous?: LoggingConfiguration;
  /** Whether the stack has adopted a foreign configuration, so that it never put the previous one. */
  readonly adopted: boolean;
  /** Who left his name last. */
  readonly owner: Owner | undefined;
  readonly self: OwnerId;
  readonly onForeign: OnForeignConfiguration;
}

/** What to do about the live configuration. */
export enum Decision {
  /** Nothing is there, or what the stack put before: put the wanted one. */
  PUT = 'put',
  /** The wanted one is there, and ours. */
  KEEP = 'keep',
  /** A foreign one is there; watch it. */
  ADOPT = 'adopt',
  /** A foreign one is there; keep a copy and put the wanted one. */
  OVERWRITE = 'overwrite',
  /** A foreign one is there, and the request gives no reason to touch it, nor one to fail: the drift guard's concern. */
  LEAVE = 'leave',
  /** A foreign one is there; fail. */
  REFUSE = 'refuse',
}

/** Decides what to do about the live configuration. Touches nothing and asks nobody. */
export function decide(situation: Situation): Decision {
  const { live, wanted, onForeign } = situation;
  if (live === undefined) return Decision.PUT;
  if (isOurs(live, situation)) return sameConfiguration(live, wanted) ? Decision.KEEP : Decision.PUT;
  if (isOfSibling(live, situation)) return Decision.REFUSE;
  if (onForeign === OnForeignConfiguration.ADOPT) return Decision.ADOPT;
  if (mayBeRollback(situation)) return Decision.LEAVE;
  return onForeign === OnForeignConfiguration.OVERWRITE ? Decision.OVERWRITE : Decision.REFUSE;
}

/** Who put exactly this last, if anybody left his name. */
export function ownerOf(configuration: object, owner: Owner | undefined): Owner | undefined {
  return owner?.fingerprint === fingerprint(configuration) ? owner : undefined;
}

/** Ours is what has the name of the stack on it, or what an earlier request of the stack asked for and nobody else's name is on. */
function isOurs(live: object, { wanted, previous, adopted, owner, self }: Situation): boolean {
  const putBy = ownerOf(live, owner);
  if (putBy !== undefined && putBy.stackId !== self.stackId) return false;
  if (previous !== undefined && !adopted) return sameConfiguration(live, wanted) || sameConfiguration(live, previous);
  return putBy !== undefined && (putBy.logicalId === self.logicalId || sameConfiguration(live, wanted));
}

/** Another configuration of this very stack is nothing to overwrite or adopt: its resource would delete or restore it afterwards. */
function isOfSibling(live: object, { previous, owner, self }: Situation): boolean {
  return previous === undefined && ownerOf(live, owner)?.stackId === self.stackId;
}

/**
 * Whether CloudFormation may be asking for the undoing of an update: it does not say so, but sends one with the configurations exchanged.
 *
 * What is asked for then is what the stack had put before somebody else came, and nothing has to be undone. Failing would leave the stack
 * stuck in a failed rollback. A change of `onForeignConfiguration` alone is a person's wish and no rollback.
 */
function mayBeRollback({ wanted, previous, owner, self, onForeign }: Situation): boolean {
  if (previous === undefined || owner?.stackId !== self.stackId) return false;
  if (onForeign === OnForeignConfiguration.OVERWRITE && sameConfiguration(wanted, previous)) return false;
  return [owner.fingerprint, owner.earlier].includes(fingerprint(wanted));
}
