import type { SSMClient } from '@aws-sdk/client-ssm';
import { deleteParameter, readParameter, writeParameter } from '../../private/handlers/text-parameter.lambda-shared';
import { MOST_STATE_BYTES } from './constants';

/** How it stands with a tag key. */
export type TagStateName = 'active' | 'pending' | 'refused';

/** How it stands with a tag key, and since when. */
export interface TagState {
  readonly state: TagStateName;
  /** When it came to be so, as an ISO 8601 text in UTC. */
  readonly since: string;
  /** The keys that the service lists for it, its own spelling first. */
  readonly spellings: readonly string[];
  /** Why the service refused. */
  readonly code?: string;
  readonly message?: string;
  /** Those of the spellings that were not active before this construct activated them. */
  readonly activatedByUs?: readonly string[];
  /** First month, `YYYY-MM`, from which the service was asked to fill in what this construct has activated. */
  readonly backfilledFrom?: string;
}

/** States by tag key. */
export type TagStates = Readonly<Record<string, TagState>>;

/** Whose tags they are. */
export interface TagOwner {
  readonly stackName: string;
  readonly logicalId: string;
  /** Logical id of the resource of the same stack from which this one took over, until CloudFormation has deleted that one. */
  readonly former?: string;
}

/** All that is remembered. */
export interface TagRecord {
  readonly owner?: TagOwner;
  readonly keys: TagStates;
  /** When this construct last activated a tag, as an ISO 8601 text in UTC. */
  readonly activatedAt?: string;
}

/** Where the record is kept. */
export interface TagRecordStore {
  /**
   * The record, or undefined when there is none. What cannot be read in it counts as not there.
   *
   * @throws when the parameter holds something else, which is nothing to write over or to delete
   */
  read(): Promise<TagRecord | undefined>;
  write(record: TagRecord): Promise<void>;
  clear(): Promise<void>;
}

/** The parameter holds something that is not ours. */
class ForeignParameterError extends Error {}

/** The record does not fit into a parameter. */
class RecordTooLargeError extends Error {}

/** Keeps the record in an SSM parameter. */
export function recordStore(client: SSMClient, parameterName: string): TagRecordStore {
  return {
    read: async () => {
      const text = await readParameter(client, parameterName);
      if (text === undefined) return undefined;
      const record = parseRecord(text);
      if (record !== undefined) return record;
      throw new ForeignParameterError(`the SSM parameter ${parameterName} holds something else than a record of cost allocation tags: `
        + 'give another parameterName, or delete the parameter if nobody needs it');
    },
    write: async record => writeParameter(client, parameterName, recordText(record)),
    clear: () => deleteParameter(client, parameterName),
  };
}

/** How much is told of each key, from all to the least. */
const LEVELS = [
  { hasCode: true, messageLength: 300, spellings: Infinity, ours: Infinity },
  { hasCode: true, messageLength: 100, spellings: 5, ours: 5 },
  { hasCode: true, messageLength: 0, spellings: 1, ours: 1 },
  { hasCode: true, messageLength: 0, spellings: 0, ours: 1 },
  // tags of which it is no longer known that they were activated here stay active when the stack goes
  { hasCode: false, messageLength: 0, spellings: 0, ours: 0 },
];

/**
 * The record as JSON text that fits into a parameter: where there is too little room, messages go first, then spellings.
 *
 * @throws when not even the states have room, which synthesis prevents wherever it knows the keys
 */
export function recordText(record: TagRecord): string {
  const texts = LEVELS.map(level => JSON.stringify({ ...record, keys: shortened(record.keys, level) })
    // Parameter Store takes two braces for a reference; in JSON they only come within texts, where one may be written otherwise
    .replaceAll('{{', '{\\u007b'));
  const fitting = texts.find(text => Buffer.byteLength(text) <= MOST_STATE_BYTES);
  if (fitting !== undefined) return fitting;
  throw new RecordTooLargeError(
    `the states of ${Object.keys(record.keys).length} tag keys take ${Buffer.byteLength(texts[texts.length - 1])} bytes, `
    + `but a parameter has room for ${MOST_STATE_BYTES}; activate fewer`);
}

function shortened(states: TagStates, { hasCode, messageLength, spellings, ours }: typeof LEVELS[number]): TagStates {
  return Object.fromEntries(Object.entries(states).map(([key, state]) => [key, {
    ...state,
    spellings: state.spellings.slice(0, spellings),
    ...state.code !== undefined && { code: hasCode ? state.code : undefined },
    ...state.message !== undefined && { message: messageLength === 0 ? undefined : state.message.slice(0, messageLength) },
    ...state.activatedByUs !== undefined && { activatedByUs: ours === 0 ? undefined : state.activatedByUs.slice(0, ours) },
  }]));
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads what was written, by this version or another; undefined for what is no record at all. */
export function parseRecord(text: string | undefined): TagRecord | undefined {
  const { owner, keys, activatedAt } = fieldsOf(text);
  if (!isFields(keys)) return undefined;
  const states = Object.entries(keys).flatMap(([key, value]) => {
    const state = isFields(value) ? parseState(value) : undefined;
    return state === undefined ? [] : [[key, state] as const];
  });
  return {
    ...isFields(owner) && { owner: parseOwner(owner) },
    keys: Object.fromEntries(states),
    ...isTime(activatedAt) && { activatedAt },
  };
}

function fieldsOf(text: string | undefined): Fields {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isFields(value) ? value : {};
  } catch {
    return {};
  }
}

function parseOwner({ stackName, logicalId, former }: Fields): TagOwner | undefined {
  if (typeof stackName !== 'string' || typeof logicalId !== 'string') return undefined;
  return { stackName, logicalId, ...typeof former === 'string' && { former } };
}

function parseState({ state, since, spellings, code, message, activatedByUs, backfilledFrom }: Fields): TagState | undefined {
  if (state !== 'active' && state !== 'pending' && state !== 'refused') return undefined;
  if (!isTime(since)) return undefined;
  const ours = textsOf(activatedByUs);
  return {
    state,
    since,
    spellings: textsOf(spellings),
    ...typeof code === 'string' && { code },
    ...typeof message === 'string' && { message },
    ...ours.length > 0 && { activatedByUs: ours },
    ...typeof backfilledFrom === 'string' && { backfilledFrom },
  };
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(text => typeof text === 'string') : [];
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
