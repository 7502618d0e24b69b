/**
 * Where an attribution key rides on its way to the bill or to the logs.
 */
export enum Carrier {
  /** A tag on a Bedrock resource, such as an application inference profile or a project: reaches the bill as `resourceTags/<key>`. */
  RESOURCE_TAG = 'resourceTag',

  /** A tag on the IAM role or user that calls: reaches the bill as `iamPrincipal/<key>`. */
  PRINCIPAL_TAG = 'principalTag',

  /** A tag given to one session when the role is assumed: reaches the bill as `iamPrincipal/<key>` and wins over the tag of the role. */
  SESSION_TAG = 'sessionTag',

  /** Metadata that the client sends with one call: reaches the invocation logs only, never the bill. */
  REQUEST_METADATA = 'requestMetadata',
}

/**
 * How a key is spelled as a tag on each billing carrier.
 *
 * Request metadata has no spelling of its own: there a key is always written by its name.
 */
export interface CarrierSpellings {
  /**
   * Tag key on Bedrock resources.
   *
   * @default - the name of the key
   */
  readonly resourceTag?: string;

  /**
   * Tag key on IAM roles and users.
   *
   * @default - the name of the key
   */
  readonly principalTag?: string;

  /**
   * Tag key of session tags.
   *
   * @default - the spelling as principal tag, because both meet in one column of the bill
   */
  readonly sessionTag?: string;
}

/**
 * How well a tag key found in the world fits an attribution key.
 */
export enum TagMatch {
  /** Written exactly as the schema spells it. */
  EXACT = 'exact',

  /** The same but for upper and lower case: read, and reported, since the bill keeps it as a tag of its own. */
  VARIANT = 'variant',

  /** Another key. */
  NONE = 'none',
}
