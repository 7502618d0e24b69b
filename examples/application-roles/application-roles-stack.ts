import { Stack, type StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { access, inferenceProfiles, schema } from '../../lib';

const { InvocationTarget } = access;
const { ModelSource } = inferenceProfiles;

const CHECKOUT = { team: 'payments', service: 'checkout', env: 'prod' };
const SEARCH = { team: 'discovery', service: 'search', env: 'prod' };
const RANKING = { team: 'discovery', service: 'ranking', env: 'prod' };
const INVOICES = { team: 'payments', service: 'invoices', env: 'prod' };

/** Issuer of the tokens of an EKS cluster, from `aws eks describe-cluster --query cluster.identity.oidc.issuer`, without `https://`. */
const CLUSTER_ISSUER = 'oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B716D3041E';

/** Calls the model that the profile stands for: the id of a model would be denied. */
const CHECKOUT_CODE = `
const { BedrockRuntimeClient, ConverseCommand } = require('@aws-sdk/client-bedrock-runtime');
const client = new BedrockRuntimeClient();
exports.handler = async ({ text }) => client.send(new ConverseCommand({
  modelId: process.env.ASSISTANT_PROFILE_ARN, messages: [{ role: 'user', content: [{ text }] }],
}));`;

/** Four services, each with a role and profiles of its own, on Lambda, on ECS, and in EKS with pod identity and with IRSA. */
export class ApplicationRolesStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const keys = schema.AttributionSchema.starter({ teams: ['payments', 'discovery'], envs: ['dev', 'prod'] });
    const fleet = new inferenceProfiles.InferenceProfileFleet(this, 'Profiles', {
      schema: keys,
      models: {
        Assistant: ModelSource.systemProfile('eu.amazon.nova-pro-v1:0'),
        Classifier: ModelSource.foundationModel('amazon.nova-micro-v1:0'),
      },
      services: {
        Checkout: { attribution: CHECKOUT },
        Search: { attribution: SEARCH },
        Ranking: { attribution: RANKING },
        Invoices: { attribution: INVOICES },
      },
    });

    const checkout = new access.BedrockServiceRole(this, 'CheckoutRole', {
      schema: keys, attribution: CHECKOUT, assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      targets: fleet.profilesOf('Checkout').map(profile => InvocationTarget.profile(profile)),
    });
    const logGroup = new logs.LogGroup(this, 'CheckoutLogs');
    logGroup.grants.write(checkout);
    new lambda.Function(this, 'Checkout', {
      runtime: lambda.Runtime.NODEJS_24_X, handler: 'index.handler', code: lambda.Code.fromInline(CHECKOUT_CODE), role: checkout.role, logGroup,
      environment: { ASSISTANT_PROFILE_ARN: fleet.profile('Checkout', 'Assistant').inferenceProfileArn },
    });

    const matching = { schema: keys, targets: [InvocationTarget.matchingTags()] };
    new access.BedrockServiceRole(this, 'SearchTaskRole', {
      ...matching, attribution: SEARCH, assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
    });
    new access.BedrockServiceRole(this, 'RankingPodRole', {
      ...matching, attribution: RANKING, assumedBy: new iam.SessionTagsPrincipal(new iam.ServicePrincipal('pods.eks.amazonaws.com')),
    });

    const clusterArn = this.formatArn({ service: 'iam', region: '', resource: 'oidc-provider', resourceName: CLUSTER_ISSUER });
    const cluster = iam.OpenIdConnectProvider.fromOpenIdConnectProviderArn(this, 'Cluster', clusterArn);
    const invoices = new iam.Role(this, 'InvoicesPodRole', {
      assumedBy: new iam.OpenIdConnectPrincipal(cluster, {
        StringEquals: { [`${CLUSTER_ISSUER}:aud`]: 'sts.amazonaws.com', [`${CLUSTER_ISSUER}:sub`]: 'system:serviceaccount:billing:invoices' },
      }),
    });
    new access.AttributedInvocationPolicy(this, 'InvoicesPolicy', matching).attachToRole(invoices, INVOICES);

    const boundary = new access.AttributionBoundary(this, 'Boundary', { schema: keys, require: access.AttributionRequirement.BOTH });
    iam.PermissionsBoundary.of(this).apply(boundary.policy);
  }
}
