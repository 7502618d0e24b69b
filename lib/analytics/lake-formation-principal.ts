import type * as iam from 'aws-cdk-lib/aws-iam';

/**
 * Somebody whom Lake Formation can give permissions to.
 *
 * @see https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html
 */
export class LakeFormationPrincipal {
  /** A role, such as that of analysts. */
  public static role(role: iam.IRoleRef): LakeFormationPrincipal {
    return new LakeFormationPrincipal(role.roleRef.roleArn);
  }

  /** An IAM user. */
  public static user(user: iam.IUserRef): LakeFormationPrincipal {
    return new LakeFormationPrincipal(user.userRef.userArn);
  }

  /**
   * Anybody else that Lake Formation knows.
   *
   * @param identifier an ARN (of a SAML or Identity Center user or group, of an organization or its unit), the 12 digits of an account, or
   * `IAM_ALLOWED_PRINCIPALS` for everybody whom IAM lets in
   */
  public static of(identifier: string): LakeFormationPrincipal {
    return new LakeFormationPrincipal(identifier);
  }

  private constructor(
    /** What Lake Formation knows the principal by. */
    public readonly identifier: string,
  ) {}
}
