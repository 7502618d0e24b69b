import { messageOf } from '../../private/handlers/passing-errors.lambda-shared';
import { deactivate, type TagWorld } from './activate-tags.lambda-shared';
import { OnTagActivationDelete } from './enums';
import type { TagOwner, TagRecord } from './tag-state.lambda-shared';

/** A resource of a stack. */
export type TagOwnerId = Pick<TagOwner, 'stackName' | 'logicalId'>;

/** The record is that of another stack. */
class ForeignRecordError extends Error {}

/**
 * The owner that the record has from now on.
 *
 * A renamed construct is another resource to CloudFormation, which makes the new one before it deletes the former one: the new one takes
 * the record over, and the former one then leaves it alone.
 *
 * @throws when another stack keeps its record in the same parameter
 */
export function claim({ owner }: TagRecord, self: TagOwnerId, parameterName: string): TagOwner {
  if (owner === undefined || sameResource(owner, self)) return owner ?? self;
  if (owner.stackName !== self.stackName) {
    throw new ForeignRecordError(`the SSM parameter ${parameterName} is that of the stack ${owner.stackName}: give this stack another parameterName`);
  }
  return { ...self, former: owner.logicalId };
}

/**
 * Lets go of all tags when a resource goes: deactivates what was activated here, if that is wanted, and removes the record.
 *
 * @returns what was done and what did not work, one sentence each: nothing keeps a resource from being deleted
 */
export async function letGo({ api, store }: TagWorld, self: TagOwnerId, onDelete: string): Promise<string[]> {
  const said: string[] = [];
  try {
    const record = await store.read();
    if (record === undefined) return ['There is no record of any tag, so nothing was deactivated.'];
    const heir = heirOf(record.owner, self);
    if (heir !== undefined) {
      if (heir !== record.owner) await store.write({ ...record, owner: heir });
      return [`The tags are now those of the resource ${heir.logicalId} of the stack ${heir.stackName}, so nothing was deactivated.`];
    }
    const ours = Object.values(record.keys).flatMap(({ activatedByUs = [] }) => activatedByUs);
    if (onDelete !== OnTagActivationDelete.DEACTIVATE.valueOf() || ours.length === 0) {
      said.push('All tags stay as they are.');
    } else {
      said.push(...await deactivateOurs(api, ours));
    }
    await store.clear();
  } catch (error) {
    said.push(`The record could not be removed: ${messageOf(error)}`);
  }
  return said;
}

async function deactivateOurs(api: TagWorld['api'], ours: readonly string[]): Promise<string[]> {
  try {
    const problems = await deactivate(api, ours, await api.list());
    return problems.length > 0 ? problems : [`Deactivated, as far as they were active: ${ours.join(', ')}.`];
  } catch (error) {
    return [`${ours.join(', ')} may still be active: ${messageOf(error)}`];
  }
}

/** Who has the record when this resource is gone; undefined when nobody has. */
function heirOf(owner: TagOwner | undefined, self: TagOwnerId): TagOwner | undefined {
  if (owner === undefined) return undefined;
  const { stackName, logicalId, former } = owner;
  if (!sameResource(owner, self)) return former === self.logicalId ? { stackName, logicalId } : owner;
  // the resource goes before the one that it took over from: that is a rollback
  return former === undefined ? undefined : { stackName, logicalId: former };
}

function sameResource(one: TagOwnerId, other: TagOwnerId): boolean {
  return one.stackName === other.stackName && one.logicalId === other.logicalId;
}
