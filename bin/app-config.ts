import type { inferenceProfiles } from '../lib';

/** An account and a Region. */
export interface Place {
  /** Account id, 12 digits. */
  readonly account: string;

  /** Region name, such as `us-east-1`. */
  readonly region: string;
}

/** A service that calls models. */
export interface ServiceConfig {
  /** Construct id of the service, PascalCase and stable: a changed id replaces the role and the profiles. */
  readonly id: string;

  /** The account and Region that the service runs in. */
  readonly place: Place;

  /** Service principal that runs the service, such as `lambda.amazonaws.com`. */
  readonly runsOn: string;

  /** Whom the calls are billed to: values by key name of `attribution-schema.json`. */
  readonly attribution: Record<string, string>;

  /** The models that the service calls, by PascalCase construct id: each gets a profile. */
  readonly models: Record<string, inferenceProfiles.ModelSource>;

  /**
   * What the service may spend in a month, in US dollars. Beyond that whoever is notified is asked whether to stop it.
   *
   * @default - it is never stopped
   */
  readonly monthlyLimitUsd?: number;
}

/** What may be spent in a month, in US dollars. Whoever is notified hears of 80 %, of 100 %, and of a forecast of 100 %. */
export interface MonthlyLimits {
  /** All of it, in the whole organization. */
  readonly totalUsd: number;

  /** What the bill can attribute to no value of a required key, for each of them. */
  readonly unattributedUsd: number;

  /** By key of `attribution-schema.json`, and by value. */
  readonly byKeyUsd: Record<string, Record<string, number>>;
}

/** Everything that the reference app needs to know. */
export interface AppConfig {
  /**
   * Beginning of the names of all buckets: 1 to 30 lower-case letters, digits and hyphens. Bucket names are global, so use your company's.
   */
  readonly bucketPrefix: string;

  /** The management account, and a Region in which CloudFormation makes cost and usage exports. */
  readonly payer: Place;

  /** Where analysts query. */
  readonly ledger: Place;

  /** Accounts and Regions whose calls are logged: every one of the accounts in every one of the Regions. */
  readonly workloads: { readonly accounts: string[]; readonly regions: string[] };

  /** What may be spent in a month. */
  readonly monthlyLimits: MonthlyLimits;

  /**
   * Who hears of alarms, of budgets and of what was found and done: an e-mail address, which has to confirm once for each topic.
   *
   * @default - nobody; the topics are there to be subscribed to
   */
  readonly notifiedEmail?: string;

  /** The services that call models. */
  readonly services: ServiceConfig[];

  /**
   * Ids of the root, organizational units or accounts in which nobody may call a model without attribution, administrators included. Begin
   * with one account.
   *
   * @default - none: there are no service control policies
   */
  readonly guardedTargets?: string[];
}
