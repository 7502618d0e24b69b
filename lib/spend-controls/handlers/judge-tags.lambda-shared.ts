import { canonicalTagKey } from './constants';
import type { ListedTag, TagRefusal } from './cost-allocation-tags-api.lambda-shared';
import type { TagState, TagStates } from './tag-state.lambda-shared';

/** What the service says of a key that it does not know, or no longer. */
const UNKNOWN_KEY = 'TagKeysNotFoundException';

/** Codes are names of exceptions; whatever else comes shall not use up the room of the record. */
const LONGEST_CODE = 64;

/** What came of the wish to activate a tag: undefined for one that is active now. */
export type Outcomes = ReadonlyMap<string, TagRefusal | undefined>;

/** The listed keys of each wanted key, its own spelling first: the bill may tell its values by any of them. */
export function spellingsOf(wanted: readonly string[], listed: readonly ListedTag[]): Map<string, string[]> {
  const byTag = new Map<string, Set<string>>();
  for (const { key } of listed) {
    const canonical = canonicalTagKey(key);
    byTag.set(canonical, (byTag.get(canonical) ?? new Set<string>()).add(key));
  }
  return new Map(wanted.map(key => {
    const found = [...byTag.get(canonicalTagKey(key)) ?? []];
    return [key, [...found.filter(one => one === key), ...found.filter(one => one !== key).sort()]];
  }));
}

/** The listed keys that are to be activated, each once. */
export function inactiveKeys(spellings: ReadonlyMap<string, readonly string[]>, listed: readonly ListedTag[]): string[] {
  const inactive = new Set(listed.filter(({ isActive }) => !isActive).map(({ key }) => key));
  return [...new Set([...spellings.values()].flat())].filter(key => inactive.has(key));
}

/** What a state is judged by. */
export interface Evidence {
  /** The listed keys of the wanted key. */
  readonly spellings: readonly string[];
  /** All keys that were active when they were listed. */
  readonly active: ReadonlySet<string>;
  /** What came of activating the others; a key that is missing was not come to. */
  readonly outcomes: Outcomes;
  /** ISO 8601 text in UTC. */
  readonly now: string;
}

/**
 * How it stands with a wanted key: refused when a spelling is, for its dollars stay without a name; active when one is and none is refused;
 * pending otherwise.
 */
export function judge({ spellings, active, outcomes, now }: Evidence, previous?: TagState): TagState {
  const activated = spellings.filter(key => outcomes.has(key) && outcomes.get(key) === undefined);
  const refusal = spellings.map(key => outcomes.get(key)).find(outcome => outcome !== undefined && outcome.code !== UNKNOWN_KEY);
  const ours = union(previous?.activatedByUs ?? [], activated);
  const isUntried = spellings.some(key => !active.has(key) && !outcomes.has(key));
  const isActive = activated.length > 0 || spellings.some(key => active.has(key));
  // a check that was cut short does not know that a refusal is over
  const state = refusal !== undefined || (isUntried && previous?.state === 'refused') ? 'refused' : isActive ? 'active' : 'pending';
  return {
    state,
    since: previous?.state === state ? previous.since : later(now, previous?.since),
    spellings,
    ...state === 'refused' && reasonOf(refusal ?? previous),
    ...ours.length > 0 && { activatedByUs: ours },
    // what was activated after a backfill is not in it
    ...previous?.backfilledFrom !== undefined && activated.length === 0 && { backfilledFrom: previous.backfilledFrom },
  };
}

function reasonOf({ code, message }: Partial<TagRefusal> = {}): Partial<TagRefusal> {
  return { ...code !== undefined && { code: code.slice(0, LONGEST_CODE) }, ...message !== undefined && { message } };
}

/** Clocks differ: a state never began before the one that it follows. */
function later(now: string, before: string | undefined): string {
  return before !== undefined && Date.parse(before) > Date.parse(now) ? before : now;
}

function union(one: readonly string[], other: readonly string[]): string[] {
  return [...new Set([...one, ...other])];
}

/** What is remembered of a key, also where it was spelled otherwise. */
export function previousState(states: TagStates, key: string): TagState | undefined {
  if (Object.hasOwn(states, key)) return states[key];
  return Object.entries(states).find(([other]) => canonicalTagKey(other) === canonicalTagKey(key))?.[1];
}

/** The keys that this construct has activated for what is no longer wanted, and that stand for nothing that is. */
export function abandonedKeys(wanted: readonly string[], states: TagStates): string[] {
  const kept = new Set(wanted.map(canonicalTagKey));
  return Object.entries(states).filter(([key]) => !kept.has(canonicalTagKey(key))).flatMap(([, { activatedByUs = [] }]) => activatedByUs);
}
