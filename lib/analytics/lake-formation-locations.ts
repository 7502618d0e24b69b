import type * as iam from 'aws-cdk-lib/aws-iam';

/**
 * How locations are registered with Lake Formation.
 */
export interface RegisterLocationsOptions {
  /**
   * The role with which Lake Formation reads and writes the locations for others.
   *
   * @default - the service-linked role of Lake Formation; the policy of a bucket's KMS key has to admit it
   */
  readonly role?: iam.IRoleRef;

  /**
   * Whether those who have rights on the buckets by IAM keep them, until they opt in to Lake Formation. The maintenance of Iceberg tables
   * needs such rights: Athena runs no DDL on them otherwise.
   *
   * @default true
   * @see https://docs.aws.amazon.com/lake-formation/latest/dg/hybrid-access-mode.html
   * @see https://docs.aws.amazon.com/athena/latest/ug/lf-athena-limitations.html
   */
  readonly hybridAccess?: boolean;
}

/**
 * Who decides about the files behind the tables.
 */
export class LakeFormationLocations {
  /** IAM decides: Lake Formation rules tables, and readers need rights on the buckets as well. */
  public static ungoverned(): LakeFormationLocations {
    return new LakeFormationLocations(false);
  }

  /** Lake Formation decides, and the locations are registered with it already. */
  public static registered(): LakeFormationLocations {
    return new LakeFormationLocations(true);
  }

  /** Lake Formation decides, and the locations are registered with it here. */
  public static register(options: RegisterLocationsOptions = {}): LakeFormationLocations {
    return new LakeFormationLocations(true, options);
  }

  private constructor(
    /** Whether Lake Formation decides. */
    public readonly areGoverned: boolean,
    /** How they are registered; undefined where that is not done here. */
    public readonly registration?: RegisterLocationsOptions,
  ) {}
}
