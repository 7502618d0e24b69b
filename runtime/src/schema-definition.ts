import type { Assurance, Cardinality, Carrier, CarrierSpellings } from '../../lib/schema';

/**
 * A key as a schema file has it; `AttributionKeyProps` of the construct library says what each field means.
 */
export interface KeyDefinition {
  /** Lower snake case, such as `cost_center`. */
  readonly name: string;
  /** What the key says about a call, in one sentence. */
  readonly description: string;
  /** Whether every call must carry the key. @default false */
  readonly required?: boolean;
  /** First day, an ISO date, on which a newly required key is required. @default - at once */
  readonly requiredFrom?: string;
  /** The only values that the key may take. @default - any that the carriers can hold */
  readonly allowedValues?: readonly string[];
  /** Regular expression that the whole value must match. @default - any value that the carriers can hold */
  readonly pattern?: string;
  /** Who vouches for the value. @default 'declared' */
  readonly assurance?: `${Assurance}`;
  /** How many different values to expect. @default 'low' */
  readonly cardinality?: `${Cardinality}`;
  /** Whether the value identifies a person: then a keyed hash is sent instead. @default false */
  readonly personal?: boolean;
  /** Version of the schema that brought the key. @default 1 */
  readonly since?: number;
  /** Name of the key that takes this one's place. @default - the key is not deprecated */
  readonly deprecatedInFavourOf?: string;
  /** Where the key may ride. @default - everywhere for low cardinality, request metadata for high */
  readonly carriers?: readonly `${Carrier}`[];
  /** How the key is spelled as a tag. @default - its name */
  readonly spellings?: CarrierSpellings;
}

/**
 * A schema as its file has it.
 */
export interface SchemaDefinition {
  /** A whole number from 1, raised with each change. */
  readonly version: number;
  /** The keys, in the order in which reports show them. */
  readonly keys: readonly KeyDefinition[];
}

type KeyIn<D extends SchemaDefinition> = D['keys'][number];

type ValueOf<K> = K extends { readonly allowedValues: readonly (infer V extends string)[] } ? V : string;

type RidesOnMetadata<K> = K extends { readonly carriers: readonly (infer C)[] } ? 'requestMetadata' extends C ? true : false
  : true;

/** A key is required of the caller now, as far as the definition alone can tell. */
type IsRequired<K> = K extends { readonly required: true }
  ? K extends { readonly requiredFrom: string } | { readonly deprecatedInFavourOf: string } ? false : RidesOnMetadata<K>
  : false;

type RequiredNameOf<K extends KeyDefinition> = K extends KeyDefinition ? IsRequired<K> extends true ? K['name'] : never : never;

/** Names of the keys of a schema. */
export type KeyName<D extends SchemaDefinition> = KeyIn<D>['name'];

/** Names of the keys that every call must carry. */
export type RequiredKeyName<D extends SchemaDefinition> = RequiredNameOf<KeyIn<D>>;

/** Values by the names of the keys: `{ readonly team?: 'payments' | 'search'; … }`. */
export type AttributionValues<D extends SchemaDefinition> = { readonly [K in KeyIn<D> as K['name']]?: ValueOf<K> };

/** The values that a client is made with: all required ones but those that come with each call. */
export type BaseValues<D extends SchemaDefinition, PerCall extends string = never> =
  AttributionValues<D> & Required<Pick<AttributionValues<D>, Exclude<RequiredKeyName<D>, PerCall> & keyof AttributionValues<D>>>;

/** The values that a call may add: those of the keys that the client does not have. */
export type CallValues<D extends SchemaDefinition, BaseName extends PropertyKey = never> = Omit<AttributionValues<D>, BaseName>;

/** Makes a key that the schema does not know a compile error, which a type parameter would let pass. */
export type OnlyKeysOf<D extends SchemaDefinition, B> = Readonly<Record<Exclude<keyof B, KeyName<D>>, never>>;
