/**
 * What a service accepts for one kind of text.
 */
export interface TextLimit {
  /** Fewest characters (Unicode code points). */
  readonly minLength: number;

  /** Most characters (Unicode code points). */
  readonly maxLength: number;

  /** Regular expression for the whole text, to be read with the `u` flag. It says nothing about the length. */
  readonly pattern: string;

  /** The same in words. */
  readonly characters: string;

  /** Where the limit is documented. */
  readonly url: string;

  /** ISO date on which it was read there. */
  readonly read: string;
}

const READ = '2026-11-21';
const BEDROCK_TAG_URL = 'https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Tag.html';
const SESSION_TAG_URL = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html';
const METADATA_URL = 'https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-request-metadata.html';

// `\s` of the service models is ASCII white space; in JavaScript it would also take no-break spaces and the like
const SPACE = '\\t\\n\\v\\f\\r ';
const BEDROCK_TAG = { pattern: `^[a-zA-Z0-9${SPACE}._:/=+@\\-]*$`, characters: 'ASCII letters, digits, white space and . _ : / = + @ -', url: BEDROCK_TAG_URL, read: READ };
const IAM_TAG = { pattern: '^[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*$', characters: 'letters, digits and spaces of any script and _ . : / = + - @', url: SESSION_TAG_URL, read: READ };
const METADATA = { pattern: `^[a-zA-Z0-9${SPACE}:_@$#=\\/+,.\\-]*$`, characters: 'ASCII letters, digits, white space and : _ @ $ # = / + , - .', url: METADATA_URL, read: READ };

/**
 * Every limit of the places that an attribution key or a name made from it ends up in.
 */
export class Limits {
  /** Key of a tag on a Bedrock resource. */
  public static readonly RESOURCE_TAG_KEY: TextLimit = { minLength: 1, maxLength: 128, ...BEDROCK_TAG };

  /** Value of a tag on a Bedrock resource. */
  public static readonly RESOURCE_TAG_VALUE: TextLimit = { minLength: 0, maxLength: 256, ...BEDROCK_TAG };

  /** Tags on one Bedrock resource. */
  public static readonly RESOURCE_TAGS = 200;

  /** Key of a tag on an IAM principal or a session. */
  public static readonly PRINCIPAL_TAG_KEY: TextLimit = { minLength: 1, maxLength: 128, ...IAM_TAG };

  /** Value of a tag on an IAM principal or a session. */
  public static readonly PRINCIPAL_TAG_VALUE: TextLimit = { minLength: 0, maxLength: 256, ...IAM_TAG };

  /** Tags on one IAM principal or one session. */
  public static readonly PRINCIPAL_TAGS = 50;

  /** Prefix, in any case, of the tag keys that AWS keeps to itself. */
  public static readonly RESERVED_TAG_PREFIX = 'aws:';

  /** Key of request metadata. */
  public static readonly REQUEST_METADATA_KEY: TextLimit = { minLength: 1, maxLength: 256, ...METADATA };

  /** Value of request metadata. */
  public static readonly REQUEST_METADATA_VALUE: TextLimit = { minLength: 0, maxLength: 256, ...METADATA };

  /** Fewest pairs of request metadata: an empty map is refused by the service, so send none at all. */
  public static readonly REQUEST_METADATA_MIN_PAIRS = 1;

  /** Most pairs of request metadata. */
  public static readonly REQUEST_METADATA_MAX_PAIRS = 16;

  /** Characters of request metadata as the compact JSON text of the `X-Amzn-Bedrock-Request-Metadata` header. */
  public static readonly REQUEST_METADATA_HEADER = 8500;

  /** `RoleSessionName` of an assumed role. */
  public static readonly SESSION_NAME: TextLimit = {
    minLength: 2,
    maxLength: 64,
    pattern: '^[a-zA-Z0-9_+=,.@\\-]*$',
    characters: 'ASCII letters, digits and _ + = , . @ -',
    url: 'https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html',
    read: READ,
  };

  /** Name of an application inference profile. */
  public static readonly PROFILE_NAME: TextLimit = {
    minLength: 1,
    maxLength: 64,
    pattern: '^([0-9a-zA-Z][ _\\-]?)+$',
    characters: 'ASCII letters and digits, each followed by at most one space, _ or -',
    url: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrock-applicationinferenceprofile.html',
    read: READ,
  };

  /**
   * Name of a Bedrock project, unique in the account.
   *
   * By the newer edition of the page. An older one says 64 characters, and ASCII letters and digits, each followed by at most one space,
   * `_` or `-`. Neither says which characters the newer one takes: this only keeps out what no service does.
   */
  public static readonly PROJECT_NAME: TextLimit = {
    minLength: 1,
    maxLength: 128,
    pattern: '^\\P{Cc}*$',
    characters: 'anything but control characters',
    url: 'https://docs.aws.amazon.com/bedrock/latest/userguide/cloudformation-projects.html',
    read: READ,
  };
}
