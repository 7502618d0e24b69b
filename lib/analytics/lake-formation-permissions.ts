import { createHash } from 'crypto';
import { Stack } from 'aws-cdk-lib';
import * as lakeformation from 'aws-cdk-lib/aws-lakeformation';
import { Construct, type IDependable } from 'constructs';
import type { LakeFormationPrincipal } from './lake-formation-principal';

/** What a permission is on. */
type GovernedResource = lakeformation.CfnPrincipalPermissions.ResourceProperty;

/**
 * Permissions of Lake Formation, one resource for each.
 *
 * CloudFormation replaces a changed one by making the new and then revoking the old, which would take away what both have in common. One
 * resource per permission, with an id made of what it is, is never replaced. They are made one after the other: Lake Formation refuses
 * concurrent changes of the same table.
 */
export class LakeFormationPermissions extends Construct {
  private last?: Construct;

  /**
   * Gives permissions on a resource.
   *
   * @param after what has to be there before
   */
  public give(principal: LakeFormationPrincipal, permissions: string[], resource: GovernedResource, after: IDependable[] = []): void {
    for (const permission of permissions) {
      const made = new lakeformation.CfnPrincipalPermissions(this, this.idOf([principal.identifier, permission, resource]), {
        principal: { dataLakePrincipalIdentifier: principal.identifier },
        permissions: [permission],
        permissionsWithGrantOption: [],
        resource,
      });
      made.node.addDependency(...after, ...this.last === undefined ? [] : [this.last]);
      this.last = made;
    }
  }

  private idOf(what: unknown): string {
    return createHash('sha256').update(JSON.stringify(Stack.of(this).resolve(what))).digest('hex').slice(0, 16);
  }
}
