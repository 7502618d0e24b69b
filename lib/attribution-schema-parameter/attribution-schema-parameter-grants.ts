import * as iam from 'aws-cdk-lib/aws-iam';
import type { IAttributionSchemaParameter } from './attribution-schema-parameter';

/**
 * Permissions on a published schema.
 */
export class AttributionSchemaParameterGrants {
  /**
   * The permissions that can be given on a published schema.
   */
  public static fromAttributionSchemaParameter(parameter: IAttributionSchemaParameter): AttributionSchemaParameterGrants {
    return new AttributionSchemaParameterGrants(parameter);
  }

  private constructor(private readonly published: IAttributionSchemaParameter) {}

  /**
   * Lets a principal read the schema at run time, and gives it no way to call a model.
   *
   * Allows `ssm:GetParameter` and `ssm:GetParameters` on this parameter.
   *
   * @param grantee a role, user or group
   */
  public read(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['ssm:GetParameter', 'ssm:GetParameters'],
      resourceArns: [this.published.parameter.parameterArn],
    });
  }
}
