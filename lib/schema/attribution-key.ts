import type { CarrierSpellings } from './carrier';
import { Carrier, TagMatch } from './carrier';

/**
 * Who vouches for the value of a key.
 */
export enum Assurance {
  /** IAM or the bill proves the value: a caller cannot choose it. */
  ENFORCED = 'enforced',

  /** The caller says so. */
  DECLARED = 'declared',
}

/**
 * How many different values a key takes.
 */
export enum Cardinality {
  /** At most some hundreds: fit for tags. */
  LOW = 'low',

  /** Unbounded, such as one value per request: fit for request metadata only. */
  HIGH = 'high',
}

/**
 * What an attribution key means and where it may ride.
 */
export interface AttributionKeyProps {
  /** What the key says about a call, in one sentence. */
  readonly description: string;

  /**
   * Whether every call must carry the key.
   *
   * @default false
   */
  readonly required?: boolean;

  /**
   * First day, as an ISO date such as `2027-01-31`, on which a newly required key is required; until then it is optional.
   *
   * @default - a required key is required at once
   */
  readonly requiredFrom?: string;

  /**
   * The only values that the key may take. Not together with `pattern`.
   *
   * @default - any value that the carriers can hold
   */
  readonly allowedValues?: string[];

  /**
   * Regular expression that the whole value must match, in the subset that JavaScript, Java and RE2 read alike: no lookaround, no
   * back-reference. Not together with `allowedValues`.
   *
   * @default - any value that the carriers can hold
   */
  readonly pattern?: string;

  /**
   * Who vouches for the value.
   *
   * @default Assurance.DECLARED
   */
  readonly assurance?: Assurance;

  /**
   * How many different values to expect. High-cardinality keys ride on request metadata only.
   *
   * @default Cardinality.LOW
   */
  readonly cardinality?: Cardinality;

  /**
   * Whether the value identifies a person. Then a keyed hash is sent instead of the value, and `allowedValues` and `pattern` are held
   * by the sender before hashing and not on what arrives.
   *
   * @default false
   */
  readonly personal?: boolean;

  /**
   * Version of the schema that brought the key.
   *
   * @default 1
   */
  readonly since?: number;

  /**
   * Name of the key that takes this one's place. A deprecated key is still read, under the name of its successor.
   *
   * @default - the key is not deprecated
   */
  readonly deprecatedInFavourOf?: string;

  /**
   * Where the key may ride.
   *
   * @default - every carrier for a low-cardinality key, request metadata for a high-cardinality one
   */
  readonly carriers?: Carrier[];

  /**
   * How the key is spelled as a tag, for companies that already have tags such as `CostCenter`.
   *
   * @default - the name of the key on every carrier
   */
  readonly spellings?: CarrierSpellings;
}

/**
 * A named dimension of cost, such as the team or the service that made a call.
 *
 * A key is checked when a schema is made of it, together with all the other keys.
 */
export class AttributionKey {
  /** The team that answers for the spend. */
  public static readonly TEAM = AttributionKey.of('team', {
    description: 'Team that answers for the spend.',
    required: true,
    assurance: Assurance.ENFORCED,
  });

  /** The service or application that makes the call. */
  public static readonly SERVICE = AttributionKey.of('service', {
    description: 'Service or application that makes the call.',
    required: true,
    assurance: Assurance.ENFORCED,
  });

  /** The stage that the service runs in. */
  public static readonly ENV = AttributionKey.of('env', {
    description: 'Stage that the service runs in, such as dev or prod.',
    required: true,
    assurance: Assurance.ENFORCED,
  });

  /** The feature of the service that made the call. */
  public static readonly FEATURE = AttributionKey.of('feature', {
    description: 'Feature of the service that makes the call.',
  });

  /** The request of the caller's own system that led to the call. */
  public static readonly REQUEST_ID = AttributionKey.of('request_id', {
    description: "Request of the caller's own system that led to the call.",
    cardinality: Cardinality.HIGH,
  });

  /**
   * Declares a key.
   *
   * @param name lower snake case, such as `cost_center`
   * @param props what the key means and where it may ride
   */
  public static of(name: string, props: AttributionKeyProps): AttributionKey {
    return new AttributionKey(name, props);
  }

  /** Name in request metadata and in every view, lower snake case. */
  public readonly name: string;

  /** What the key says about a call. */
  public readonly description: string;

  /** Whether every call must carry the key, from `requiredFrom` on. */
  public readonly required: boolean;

  /** First day on which a required key is required, if that is not at once. */
  public readonly requiredFrom?: string;

  /** The only values that the key may take, if they are listed. */
  public readonly allowedValues?: string[];

  /** Regular expression that the whole value must match, if there is one. */
  public readonly pattern?: string;

  /** Who vouches for the value. */
  public readonly assurance: Assurance;

  /** How many different values to expect. */
  public readonly cardinality: Cardinality;

  /** Whether a keyed hash is sent instead of the value. */
  public readonly personal: boolean;

  /** Version of the schema that brought the key. */
  public readonly since: number;

  /** Name of the key that takes this one's place, if it is deprecated. */
  public readonly deprecatedInFavourOf?: string;

  /** Where the key may ride. */
  public readonly carriers: Carrier[];

  /** The spellings that were given; see `spelling()` for the one that holds. */
  public readonly spellings: CarrierSpellings;

  private constructor(name: string, props: AttributionKeyProps) {
    this.name = name;
    this.description = props.description;
    this.required = props.required ?? false;
    this.requiredFrom = props.requiredFrom;
    this.allowedValues = props.allowedValues && [...props.allowedValues];
    this.pattern = props.pattern;
    this.assurance = props.assurance ?? Assurance.DECLARED;
    this.cardinality = props.cardinality ?? Cardinality.LOW;
    this.personal = props.personal ?? false;
    this.since = props.since ?? 1;
    this.deprecatedInFavourOf = props.deprecatedInFavourOf;
    this.carriers = [...props.carriers ?? defaultCarriers(this.cardinality)];
    this.spellings = { ...props.spellings };
  }

  /** The same key with these values as the only ones that it may take. */
  public withAllowedValues(allowedValues: string[]): AttributionKey {
    return new AttributionKey(this.name, Object.assign({}, this, { allowedValues, pattern: undefined }));
  }

  /** Whether the key may ride on this carrier. */
  public ridesOn(carrier: Carrier): boolean {
    return this.carriers.includes(carrier);
  }

  /** How the key is written on this carrier. */
  public spelling(carrier: Carrier): string {
    switch (carrier) {
      case Carrier.RESOURCE_TAG: return this.spellings.resourceTag ?? this.name;
      case Carrier.PRINCIPAL_TAG: return this.spellings.principalTag ?? this.name;
      case Carrier.SESSION_TAG: return this.spellings.sessionTag ?? this.spelling(Carrier.PRINCIPAL_TAG);
      case Carrier.REQUEST_METADATA: return this.name;
    }
  }

  /**
   * How well a tag or metadata key found on a carrier fits this key.
   *
   * Tags are read whatever their case, because IAM condition keys ignore it while billing does not; request metadata is read only
   * when it is written exactly as the name.
   */
  public match(carrier: Carrier, found: string): TagMatch {
    const spelling = this.spelling(carrier);
    if (found === spelling) return TagMatch.EXACT;
    if (carrier === Carrier.REQUEST_METADATA) return TagMatch.NONE;
    return found.toLowerCase() === spelling.toLowerCase() ? TagMatch.VARIANT : TagMatch.NONE;
  }

  /**
   * Whether the key is required.
   *
   * A deprecated key never is: its successor is. A key with `requiredFrom` is required from that day on; without a day to judge by it
   * counts as not yet required, so that the answer depends on nothing but the schema.
   *
   * @param day ISO date to judge by
   */
  public isRequiredOn(day?: string): boolean {
    if (!this.required || this.deprecatedInFavourOf !== undefined) return false;
    return this.requiredFrom === undefined || (day !== undefined && day >= this.requiredFrom);
  }
}

function defaultCarriers(cardinality: Cardinality): Carrier[] {
  return cardinality === Cardinality.HIGH ? [Carrier.REQUEST_METADATA] : Object.values(Carrier);
}
