import type { SSMClient } from '@aws-sdk/client-ssm';
import { deleteParameter, readParameter, writeParameter } from '../../private/handlers/text-parameter.lambda-shared';
import { OWNER_PARAMETER, PARAMETER_FOLDER, StackParameter } from './constants';

/** A value that outlives the handler. */
export interface Memory<T> {
  /** Where it is kept, for messages. */
  readonly name: string;
  /** The value, or undefined when there is none or it cannot be read. */
  read(): Promise<T | undefined>;
  write(value: T): Promise<void>;
  clear(): Promise<void>;
}

/** A resource of a stack. */
export interface OwnerId {
  readonly stackId: string;
  readonly logicalId: string;
}

/** Who put the live configuration. */
export interface Owner extends OwnerId {
  /** Fingerprint of what it put last, or is about to put. */
  readonly fingerprint: string;
  /** Fingerprint of what it had put before that; a rollback asks for it once more. */
  readonly earlier?: string;
  /**
   * Logical id of the resource of the same stack from which this one took the same configuration over, as when a construct was renamed.
   * Gone as soon as CloudFormation has deleted that resource; until then a rollback gives the configuration back to it.
   */
  readonly former?: string;
}

/** What a stack expects to find. */
export interface Expected {
  readonly configuration: object;
  /** Whether it is somebody else's, which is watched and never touched. */
  readonly adopted: boolean;
  /** The resource that expects it. */
  readonly logicalId: string;
  /** The resource from which that one has taken over, until CloudFormation has deleted it. */
  readonly former?: string;
}

/** What was there before it was overwritten. */
export interface Snapshot {
  readonly configuration: object;
  /** Who had put it, if anybody left his name. */
  readonly owner?: Owner;
}

/** What the drift guard did lately. */
export interface Repairs {
  /** When repairs were made, as ISO 8601 texts. */
  readonly at: readonly string[];
  /** Whether the guard has stopped, because there were too many. */
  readonly stopped: boolean;
}

/** All that the handlers remember. */
export interface Memories {
  readonly owner: Memory<Owner>;
  readonly expected: Memory<Expected>;
  readonly snapshot: Memory<Snapshot>;
  readonly repairs: Memory<Repairs>;
}

/** The memories of a stack, in SSM parameters; the owner is that of the account and Region. */
export function memoriesOf(stackId: string, client: SSMClient): Memories {
  const ofStack = (kind: StackParameter): string => `${PARAMETER_FOLDER}/${kind}/${stackId.split('/')[2]}`;
  return {
    owner: parameter(client, OWNER_PARAMETER, parseOwner),
    expected: parameter(client, ofStack(StackParameter.EXPECTED), parseExpected),
    snapshot: parameter(client, ofStack(StackParameter.SNAPSHOT), parseSnapshot),
    repairs: parameter(client, ofStack(StackParameter.REPAIRS), parseRepairs),
  };
}

function parameter<T>(client: SSMClient, name: string, parse: (value: Fields) => T | undefined): Memory<T> {
  return {
    name,
    read: async () => {
      const text = await readParameter(client, name);
      return text === undefined ? undefined : parse(fieldsOf(text));
    },
    write: value => writeParameter(client, name, JSON.stringify(value)),
    clear: () => deleteParameter(client, name),
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** Text that cannot be read says nothing. */
function fieldsOf(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value as Fields : {};
  } catch {
    return {};
  }
}

function parseOwner({ stackId, logicalId, fingerprint, earlier, former }: Fields): Owner | undefined {
  if (typeof stackId !== 'string' || typeof logicalId !== 'string' || typeof fingerprint !== 'string') return undefined;
  return { stackId, logicalId, fingerprint, earlier: textOrNothing(earlier), former: textOrNothing(former) };
}

function parseExpected({ configuration, adopted, logicalId, former }: Fields): Expected | undefined {
  if (!isObject(configuration) || typeof adopted !== 'boolean' || typeof logicalId !== 'string') return undefined;
  return { configuration, adopted, logicalId, former: textOrNothing(former) };
}

function parseSnapshot({ configuration, owner }: Fields): Snapshot | undefined {
  if (!isObject(configuration)) return undefined;
  return { configuration, owner: isObject(owner) ? parseOwner(owner as Fields) : undefined };
}

function parseRepairs({ at, stopped }: Fields): Repairs | undefined {
  if (!Array.isArray(at) || typeof stopped !== 'boolean') return undefined;
  return { at: at.filter(time => typeof time === 'string'), stopped };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
