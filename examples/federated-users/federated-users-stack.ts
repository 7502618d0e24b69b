import { Stack, type StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { access, schema } from '../../lib';

const { AttributionKey } = schema;
const { FederatedIdentity, InvocationTarget } = access;

/** What is known of a person: a team, and the cost center that is charged. What the person works with is on the role, if that has tags. */
const KEYS = new schema.AttributionSchema({
  version: 1,
  keys: [
    AttributionKey.TEAM.withAllowedValues(['payments', 'research']),
    AttributionKey.of('cost_center', {
      description: 'Cost center that is charged.',
      required: true,
      assurance: schema.Assurance.ENFORCED,
      pattern: 'cc-[0-9]{4}',
      spellings: { resourceTag: 'CostCenter', principalTag: 'CostCenter' },
    }),
    AttributionKey.of('service', { description: 'What the person works with.' }),
  ],
});

/** Id of the instance of IAM Identity Center, from `aws sso-admin list-instances`. */
const INSTANCE_ID = 'ssoins-1111222233334444';

/** People who sign in by SAML, by OIDC and by IAM Identity Center, and whose directory says whom their calls are billed to. */
export class FederatedUsersStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const people = { schema: KEYS, targets: [InvocationTarget.anyModel(), InvocationTarget.matchingTags('team')] };

    const saml = iam.SamlProvider.fromSamlProviderArn(this, 'Saml', this.providerArn('saml-provider', 'company'));
    new access.FederatedRole(this, 'AnalystRole', {
      ...people,
      identity: FederatedIdentity.saml(saml),
      attribution: { service: 'notebooks' },
    });

    const oidc = iam.OpenIdConnectProvider.fromOpenIdConnectProviderArn(this, 'Oidc', this.providerArn('oidc-provider', 'login.example.com'));
    new access.FederatedRole(this, 'DeveloperRole', {
      ...people,
      identity: FederatedIdentity.oidc(oidc, { issuer: 'https://login.example.com', audiences: ['coding-assistant'] }),
      attribution: { service: 'coding-assistant' },
    });

    const instanceArn = this.formatArn({ service: 'sso', region: '', account: '', resource: 'instance', resourceName: INSTANCE_ID });
    new access.AccessControlAttributes(this, 'Attributes', {
      schema: KEYS,
      instanceArn,
      paths: { team: '${path:enterprise.department}', cost_center: '${path:enterprise.costCenter}' },
    });
    new access.FederatedPermissionSet(this, 'PermissionSet', { ...people, instanceArn, permissionSetName: 'BedrockUsers' });
  }

  private providerArn(resource: string, resourceName: string): string {
    return this.formatArn({ service: 'iam', region: '', resource, resourceName });
  }
}
