import type { AttributionKey } from './attribution-key';
import { Carrier } from './carrier';
import { checkSchema } from './check-schema';
import { checkMetadata, checkTags } from './check-values';
import { requestMetadataSchema } from './json-schema';
import type { Problem } from './problem';
import { SchemaError } from './schema-error';
import { keyFields, parseSchemaFile } from './schema-file';
import { PrincipalTagSink, ResourceTagSink } from './sinks';
import { starterKeys } from './starter';

/**
 * What a schema is made of.
 */
export interface AttributionSchemaProps {
  /** Version of the schema: a whole number from 1, raised with each change. */
  readonly version: number;

  /** The keys, in the order in which reports show them. */
  readonly keys: AttributionKey[];
}

/**
 * The values that the required keys of the starter schema may take.
 */
export interface StarterSchemaProps {
  /**
   * Teams that spend may be attributed to.
   *
   * @default - any
   */
  readonly teams?: string[];

  /**
   * Services that spend may be attributed to.
   *
   * @default - any
   */
  readonly services?: string[];

  /**
   * Stages that spend may be attributed to.
   *
   * @default - any
   */
  readonly envs?: string[];
}

/**
 * A key as a column of the views.
 */
export interface AttributionColumn {
  /** Name of the column: the name of the key. */
  readonly name: string;

  /** What the key says about a call. */
  readonly description: string;

  /** Names to read from request metadata, first the one of the key and then those that it replaced, nearest first. */
  readonly metadataKeys: string[];

  /** Tag keys to read from the resource tags of the bill, in the same order; empty when the key does not ride there. */
  readonly resourceTags: string[];

  /** Tag keys to read from the principal and session tags of the bill, in the same order; empty when the key rides on neither. */
  readonly principalTags: string[];
}

/**
 * Which tags of a set are known only later.
 */
export interface TagCheckOptions {
  /**
   * Tag keys whose value is not known yet, such as a CDK token: they count as present and their value is not judged.
   *
   * @default - every value is known
   */
  readonly unresolved?: string[];

  /**
   * ISO date that decides about `requiredFrom`.
   *
   * @default - keys with a `requiredFrom` count as optional
   */
  readonly day?: string;
}

/**
 * The attribution keys of a company: the single source for tags, request metadata, views and client types.
 *
 * A schema never changes once it is made, and making it reports everything that is wrong with it at once.
 */
export class AttributionSchema {
  /**
   * The schema to start with: `team`, `service` and `env` required and enforced, `feature` and `request_id` optional and declared.
   */
  public static starter(props: StarterSchemaProps = {}): AttributionSchema {
    return new AttributionSchema({ version: 1, keys: starterKeys(props.teams, props.services, props.envs) });
  }

  /**
   * Reads the text of a schema file.
   *
   * @param text JSON text, `{ "version": 1, "keys": [{ "name": "team", "description": "…" }] }`, with the fields of
   *   `AttributionKeyProps` for each key
   */
  public static fromJson(text: string): AttributionSchema {
    const { version, keys, problems } = parseSchemaFile(text);
    // what has no form has no meaning to check, and what was reported for its form is not reported again for its meaning
    const named = keys.filter(({ name }) => name !== '' || problems.length === 0);
    const meaning = named.length === 0 && problems.length > 0 ? [] : checkSchema(version, named);
    if (problems.length + meaning.length > 0) throw new SchemaError('the attribution schema', [...problems, ...meaning]);
    return new AttributionSchema({ version, keys });
  }

  /** Version of the schema. */
  public readonly version: number;

  private readonly allKeys: AttributionKey[];

  public constructor(props: AttributionSchemaProps) {
    const problems = checkSchema(props.version, props.keys);
    if (problems.length > 0) throw new SchemaError('the attribution schema', problems);
    this.version = props.version;
    this.allKeys = [...props.keys];
  }

  /** Every key, deprecated ones too, in order. */
  public get keys(): AttributionKey[] {
    return [...this.allKeys];
  }

  /** The keys that are not deprecated, in order. */
  public get activeKeys(): AttributionKey[] {
    return this.allKeys.filter(({ deprecatedInFavourOf }) => deprecatedInFavourOf === undefined);
  }

  /** The key of this name, if there is one. */
  public key(name: string): AttributionKey | undefined {
    return this.allKeys.find(key => key.name === name);
  }

  /** Names of the keys that are deprecated in favour of this one, directly or through others, nearest first. */
  public deprecatedNames(keyName: string): string[] {
    const direct = this.allKeys.filter(({ deprecatedInFavourOf }) => deprecatedInFavourOf === keyName).map(({ name }) => name);
    return [...direct, ...direct.flatMap(name => this.deprecatedNames(name))];
  }

  /** The columns that the keys give to every view, in order. A deprecated key has no column of its own: it is read into its successor's. */
  public columns(): AttributionColumn[] {
    return this.activeKeys.map(key => {
      const read = [key, ...this.deprecatedNames(key.name).flatMap(name => this.key(name) ?? [])];
      return {
        name: key.name,
        description: key.description,
        metadataKeys: spellings(read, [Carrier.REQUEST_METADATA]),
        resourceTags: spellings(read, [Carrier.RESOURCE_TAG]),
        principalTags: spellings(read, [Carrier.PRINCIPAL_TAG, Carrier.SESSION_TAG]),
      };
    });
  }

  /** Spellings, on one carrier, of all the keys in use that ride on it, in order. */
  public tagKeys(carrier: Carrier): string[] {
    return spellings(this.activeKeys, [carrier]);
  }

  /** Spellings, on one carrier, of the keys in use that ride on it and that every call must carry, in order. */
  public requiredTagKeys(carrier: Carrier, day?: string): string[] {
    return spellings(this.activeKeys.filter(key => key.isRequiredOn(day)), [carrier]);
  }

  /** What is wrong with the tags of a Bedrock resource, by the limits of AWS and by this schema. Other tags may stand beside. */
  public validateResourceTags(tags: Record<string, string>, options: TagCheckOptions = {}): Problem[] {
    return checkTags(this, Carrier.RESOURCE_TAG, tags, options, known => ResourceTagSink.validateAll(known));
  }

  /** What is wrong with the tags of an IAM role or user, by the limits of AWS and by this schema. Other tags may stand beside. */
  public validatePrincipalTags(tags: Record<string, string>, options: TagCheckOptions = {}): Problem[] {
    return checkTags(this, Carrier.PRINCIPAL_TAG, tags, options, known => PrincipalTagSink.validateAll(known));
  }

  /** What is wrong with the tags of a session, by the limits of AWS and by this schema. Other tags may stand beside. */
  public validateSessionTags(tags: Record<string, string>, options: TagCheckOptions = {}): Problem[] {
    return checkTags(this, Carrier.SESSION_TAG, tags, options, known => PrincipalTagSink.validateAll(known));
  }

  /**
   * What is wrong with the metadata of a request, by the limits of AWS and by this schema, which must know every key just as it is written.
   *
   * @param metadata pairs as they are sent: the values of personal keys are hashes by then
   * @param day ISO date that decides about `requiredFrom`; without one, keys with a `requiredFrom` count as optional
   */
  public validateRequestMetadata(metadata: Record<string, string>, day?: string): Problem[] {
    return checkMetadata(this, metadata, day);
  }

  /**
   * JSON Schema (2020-12) of the request metadata, as text.
   *
   * @param day ISO date that decides about `requiredFrom`; without one, keys with a `requiredFrom` count as optional
   */
  public requestMetadataJsonSchema(day?: string): string {
    return `${JSON.stringify(requestMetadataSchema(this, day), undefined, 2)}\n`;
  }

  /** The schema as the text of a schema file: the same text for the same schema, always. */
  public toJson(): string {
    return `${JSON.stringify(this.plain(), undefined, 2)}\n`;
  }

  /** The same as `toJson()` on one line without spaces, for places that are short of room. */
  public compactJson(): string {
    return JSON.stringify(this.plain());
  }

  private plain(): object {
    return { version: this.version, keys: this.allKeys.map(keyFields) };
  }
}

/** How the keys are spelled on these carriers, each spelling once. */
function spellings(keys: AttributionKey[], carriers: Carrier[]): string[] {
  return [...new Set(keys.flatMap(key => carriers.filter(carrier => key.ridesOn(carrier)).map(carrier => key.spelling(carrier))))];
}
