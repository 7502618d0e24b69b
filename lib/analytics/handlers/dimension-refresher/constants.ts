/** Environment variables of the dimension refresher. */
export const REFRESHER_VARIABLES = {
  /** The bucket of the ledger. */
  bucket: 'LEDGER_BUCKET',
  /** The account whose profiles and principals are listed. */
  account: 'ACCOUNT_ID',
  /** The Region whose profiles are listed. */
  region: 'LISTED_REGION',
  /** Tag keys of resources that are written, as a JSON list. */
  resourceTags: 'RESOURCE_TAG_KEYS',
  /** Tag keys of principals that are written, as a JSON list. */
  principalTags: 'PRINCIPAL_TAG_KEYS',
  /** Paths below which principals are listed, a line each; not there where none are. */
  pathPrefixes: 'PRINCIPAL_PATH_PREFIXES',
  /** Principals that declare keys for others, as a JSON list of `DeclaringPrincipal`; not there where none do. */
  declaring: 'DECLARES_FOR_OTHERS',
  /** `true` where projects of the mantle endpoint are listed. */
  listProjects: 'LIST_PROJECTS',
} as const;

/** A principal that declares the keys of those that it calls for. */
export interface DeclaringPrincipal {
  readonly arn: string;
  /** Names of the keys, joined by commas, which no name contains: a list that is known at deployment only cannot be written as one. */
  readonly keys: string;
}

/** Time-out of the function, in seconds: the longest that Lambda allows. */
export const REFRESHER_TIMEOUT_SECONDS = 900;

/** How long calls that fail for a while are tried again, in seconds: what is left is for the call that is under way then. */
export const REFRESHER_PATIENCE_SECONDS = 840;

/** Folders below `dimensions/` that are written: the tables of the catalog with the same names. */
export const DIMENSION_FOLDERS = { profiles: 'inference_profiles', principals: 'principals' } as const;

/** Key of the file with the profiles and projects of an account and Region. */
export function profilesKey(account: string, region: string): string {
  return `dimensions/${DIMENSION_FOLDERS.profiles}/${account}/${region}.json`;
}

/** Key of the file with the principals of an account. */
export function principalsKey(account: string): string {
  return `dimensions/${DIMENSION_FOLDERS.principals}/${account}.json`;
}
