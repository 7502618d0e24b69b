import { messageOf } from '../../private/handlers/passing-errors.lambda-shared';
import { backfill } from './backfill-tags.lambda-shared';
import { canonicalTagKey, type TagActivationSettings } from './constants';
import { type CostAllocationTagsApi, type ListedTag, MOST_TAGS_PER_CALL, type TagRefusal } from './cost-allocation-tags-api.lambda-shared';
import { OnTagActivationDelete } from './enums';
import { abandonedKeys, inactiveKeys, judge, previousState, spellingsOf } from './judge-tags.lambda-shared';
import { changesOf } from './tag-changes.lambda-shared';
import { recordText, type TagOwner, type TagRecord, type TagRecordStore, type TagStates } from './tag-state.lambda-shared';

/** What tags are activated with. */
export interface TagWorld {
  readonly api: CostAllocationTagsApi;
  readonly store: TagRecordStore;
  /** Now, in milliseconds. */
  readonly now: () => number;
}

/** How an activation ended. */
export interface TagReport {
  /** The states of the wanted keys. */
  readonly states: TagStates;
  /** What is new, one sentence each. */
  readonly changes: readonly string[];
  /** What was done beside, one sentence each. */
  readonly notes: readonly string[];
  /** What went wrong though it does not keep tags from being activated. */
  readonly problems: readonly string[];
  /** What ended the activation before its end. */
  readonly failure?: Error;
}

/**
 * Activates what is listed and wanted and not active, and remembers how it stands with each key.
 *
 * @param before what was remembered so far
 * @param owner the resource that asks; undefined for a scheduled check
 */
export async function activateTags(
  world: TagWorld, settings: TagActivationSettings, before: TagRecord, owner?: TagOwner,
): Promise<TagReport> {
  const { api, store, now } = world;
  const listed = await api.list();
  const wanted = wantedKeys(settings);
  const spellings = spellingsOf(wanted, listed);
  const { outcomes, failure } = await setAll(api, inactiveKeys(spellings, listed), true);
  const activated = [...outcomes].filter(([, refusal]) => refusal === undefined).map(([key]) => key);

  const evidence = { active: new Set(listed.filter(({ isActive }) => isActive).map(({ key }) => key)), outcomes, now: timeText(now()) };
  const states: TagStates = Object.fromEntries(wanted.map(key =>
    [key, judge({ ...evidence, spellings: spellings.get(key) ?? [] }, previousState(before.keys, key))]));

  // a scheduled check may still have the keys of before an update, and an update that fails is rolled back
  const isFinal = owner !== undefined && failure === undefined;
  const released = isFinal ? await release(api, settings, before.keys, listed) : [];
  const record: TagRecord = {
    ...before,
    ...owner !== undefined && { owner },
    keys: isFinal ? states : { ...unwanted(before.keys, states), ...states },
    ...activated.length > 0 && { activatedAt: evidence.now },
  };
  await keep(store, before, record);
  const filled = failure === undefined ? await tryBackfill(world, settings, record) : {};
  return {
    states,
    changes: changesOf(before.keys, states, activated),
    notes: filled.note === undefined ? [] : [filled.note],
    problems: [...released, ...filled.problem === undefined ? [] : [filled.problem]],
    failure,
  };
}

/** The wanted keys, each tag once. */
function wantedKeys({ tagKeys, listedTagKeys = '' }: TagActivationSettings): string[] {
  const all = [...tagKeys, ...listedTagKeys.split(',').map(key => key.trim())].filter(key => key !== '');
  return all.filter((key, index) => all.findIndex(other => canonicalTagKey(other) === canonicalTagKey(key)) === index);
}

/** What came of setting tags, key by key, up to the call that failed. */
export interface SetResult {
  readonly outcomes: Map<string, TagRefusal | undefined>;
  readonly failure?: Error;
}

/** Activates or deactivates tags, in as many calls as it takes. */
export async function setAll(api: CostAllocationTagsApi, keys: readonly string[], isActive: boolean): Promise<SetResult> {
  const outcomes = new Map<string, TagRefusal | undefined>();
  for (let start = 0; start < keys.length; start += MOST_TAGS_PER_CALL) {
    const batch = keys.slice(start, start + MOST_TAGS_PER_CALL);
    try {
      const refusals = await api.setActive(batch, isActive);
      for (const key of batch) outcomes.set(key, refusals.get(key));
    } catch (error) {
      return { outcomes, failure: error instanceof Error ? error : new Error(String(error)) };
    }
  }
  return { outcomes };
}

/**
 * Deactivates tags of which this construct activated every one, as far as they are listed and active.
 *
 * @returns what did not work, one sentence each: it must not keep a stack from being updated or deleted
 */
export async function deactivate(api: CostAllocationTagsApi, ours: readonly string[], listed: readonly ListedTag[]): Promise<string[]> {
  const keys = listed.filter(({ key, isActive }) => isActive && ours.includes(key)).map(({ key }) => key);
  const { outcomes, failure } = await setAll(api, keys, false);
  const refused = [...outcomes].flatMap(([key, refusal]) => refusal === undefined ? [] : [`${key} stays active: ${refusal.code}: ${refusal.message}`]);
  const left = keys.filter(key => !outcomes.has(key));
  return [...refused, ...failure === undefined ? [] : [`${left.join(', ')} may still be active: ${failure.message}`]];
}

/** Lets go of what is no longer wanted. */
async function release(
  api: CostAllocationTagsApi, settings: TagActivationSettings, states: TagStates, listed: readonly ListedTag[],
): Promise<string[]> {
  if (settings.onDelete !== OnTagActivationDelete.DEACTIVATE.valueOf()) return [];
  return deactivate(api, abandonedKeys(wantedKeys(settings), states), listed);
}

function unwanted(before: TagStates, states: TagStates): TagStates {
  return Object.fromEntries(Object.entries(before).filter(([key]) => previousState(states, key) === undefined));
}

/** Writes the record where there is something new in it. */
async function keep(store: TagRecordStore, before: TagRecord, record: TagRecord): Promise<void> {
  // compared as they are kept: where there is little room, that is less than what is known
  if (recordText(before) !== recordText(record)) await store.write(record);
}

/** Backfills where that is wanted; what goes wrong with it is no reason to fail, because the tags are active. */
async function tryBackfill(
  { api, store, now }: TagWorld, { backfillFrom }: TagActivationSettings, record: TagRecord,
): Promise<{ note?: string; problem?: string }> {
  if (backfillFrom === undefined) return {};
  try {
    const { record: after, note } = await backfill(api, record, backfillFrom, now());
    await keep(store, record, after);
    return { note };
  } catch (error) {
    return { problem: `The backfill from ${backfillFrom} could not be asked for: ${messageOf(error)}` };
  }
}

/** A time to the second, which is exact enough and short. */
function timeText(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
