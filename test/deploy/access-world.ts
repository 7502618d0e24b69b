import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GetParameterHistoryCommand, GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import * as iam from 'aws-cdk-lib/aws-iam';
import { access, inferenceProfiles, mantleProjects, schema } from '../../lib';
import type { LocalAws, Recorded } from './emulator/local-aws';
import type { Build } from './region-world';

const { InvocationTarget } = access;
const { ModelSource } = inferenceProfiles;

/** What the tests change about the stack. */
export interface AccessOptions {
  readonly team?: string;
  readonly description?: string;
  /** Model of the profile that is in no fleet. */
  readonly model?: string;
  /** Services that are declared before the others. */
  readonly moreServices?: Record<string, inferenceProfiles.FleetService>;
}

/** A role that the stack finds. */
export const EXISTING_ROLE = 'landing-zone-service';

export const PROFILE = 'AWS::Bedrock::ApplicationInferenceProfile';
export const PROJECT = 'AWS::BedrockMantle::Project';

/** The stack of somebody else, who has made the role. */
export const landingZone: Build = stack => {
  new iam.Role(stack, 'Service', { roleName: EXISTING_ROLE, assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
};

/** All that keeps calls attributed in an account: profiles, a project, roles, users and what limits them. */
export function accessWorld({ team = 'payments', description, model = 'amazon.nova-micro-v1:0', moreServices = {} }: AccessOptions = {}): Build {
  return stack => {
    const keys = schema.AttributionSchema.starter({ teams: ['payments', 'discovery'], envs: ['dev', 'prod'] });
    const checkout = { team, service: 'checkout', env: 'prod' };
    const search = { team: 'discovery', service: 'search', env: 'prod' };
    const lambda = new iam.ServicePrincipal('lambda.amazonaws.com');

    const fleet = new inferenceProfiles.InferenceProfileFleet(stack, 'Fleet', {
      schema: keys,
      services: { ...moreServices, Checkout: { attribution: checkout }, Search: { attribution: search } },
      models: {
        Geo: ModelSource.systemProfile('us.amazon.nova-lite-v1:0'),
        Global: ModelSource.systemProfile('global.amazon.nova-2-lite-v1:0'),
      },
    });
    const single = new inferenceProfiles.ApplicationInferenceProfile(stack, 'Single', {
      schema: keys, attribution: search, description, modelSource: ModelSource.foundationModel(model),
    });
    const project = new mantleProjects.MantleProject(stack, 'Project', { schema: keys, attribution: checkout });

    const boundary = new access.AttributionBoundary(stack, 'Boundary', { schema: keys });
    new access.BedrockServiceRole(stack, 'Named', {
      schema: keys,
      attribution: checkout,
      assumedBy: lambda,
      targets: [...fleet.profilesOf('Checkout').map(profile => InvocationTarget.profile(profile)), InvocationTarget.project(project)],
      permissionsBoundary: boundary.policy,
    });
    const matching = [InvocationTarget.matchingTags()];
    new access.BedrockServiceRole(stack, 'Matching', { schema: keys, attribution: search, assumedBy: lambda, targets: matching });

    const gateway = iam.Role.fromRoleName(stack, 'Gateway', EXISTING_ROLE);
    new access.AttributedInvocationPolicy(stack, 'Policy', { schema: keys, targets: matching }).attachToRole(gateway);
    new access.TenantSessionRole(stack, 'Tenants', {
      schema: keys, gateway, attribution: { team: 'discovery', env: 'prod' }, targets: [InvocationTarget.profile(single)],
    });
    const provider = iam.SamlProvider.fromSamlProviderArn(stack, 'Provider', `arn:aws:iam::${stack.account}:saml-provider/company`);
    new access.FederatedRole(stack, 'Federated', { schema: keys, identity: access.FederatedIdentity.saml(provider), targets: matching });
    const group = new access.BedrockUserGroup(stack, 'Users', { schema: keys, targets: [InvocationTarget.anyModel(), ...matching] });
    group.addUser('Alice', { attribution: { team: 'payments', service: 'prototypes', env: 'dev' } });
  };
}

/** A document of a policy. */
export interface PolicyDocument {
  readonly Statement: object[];
}

interface Tags {
  readonly Tags: { readonly Key: string; readonly Value: string }[];
}

interface NamedPolicy {
  readonly PolicyName: string;
  readonly PolicyDocument: PolicyDocument;
}

interface Attachments {
  readonly AttachedManagedPolicies: { readonly PolicyName: string; readonly PolicyArn: string }[];
}

/** Users, groups, roles and policies of the account, as the API of IAM tells of them. */
export interface Principals {
  readonly UserDetailList: (Tags & { readonly UserName: string; readonly GroupList: string[] })[];
  readonly GroupDetailList: (Attachments & { readonly GroupName: string; readonly GroupPolicyList: NamedPolicy[] })[];
  readonly RoleDetailList: (Tags & Attachments & {
    readonly RoleName: string; readonly AssumeRolePolicyDocument: PolicyDocument; readonly RolePolicyList: NamedPolicy[];
  })[];
  readonly Policies: { readonly PolicyName: string; readonly Arn: string }[];
}

/** Calls an operation of IAM by the client that is installed with the emulator. */
export async function callIam<T>({ clientOptions }: LocalAws, operation: string, parameters: object = {}): Promise<T> {
  const code = [
    'import json, sys, botocore.session',
    'options, operation, parameters = map(json.loads, sys.argv[1:])',
    'client = botocore.session.Session().create_client("iam", **options)',
    'print(json.dumps(getattr(client, operation)(**parameters), default=str))',
  ].join('\n');
  const { endpoint, region, credentials: { accessKeyId, secretAccessKey } } = clientOptions;
  const options = { endpoint_url: endpoint, region_name: region, aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey };
  const args = [options, operation, parameters].map(value => JSON.stringify(value));
  const python = execFileSync(process.execPath, [join(__dirname, '..', '..', 'scripts', 'install-emulator.mjs')], { encoding: 'utf8' });
  const { stdout } = await promisify(execFile)(python.trim(), ['-c', code, ...args], { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout) as T;
}

/** What IAM has. */
export async function principals(aws: LocalAws): Promise<Principals> {
  const { UserDetailList, GroupDetailList, RoleDetailList, Policies } = await callIam<Principals>(aws, 'get_account_authorization_details');
  return { UserDetailList, GroupDetailList, RoleDetailList, Policies };
}

/** Tags as an object, without those that CloudFormation adds. */
export function tagsOf({ Tags: tags }: Partial<Tags>): Record<string, string> {
  return Object.fromEntries((tags ?? []).filter(({ Key }) => !Key.startsWith('aws:')).map(({ Key, Value }) => [Key, Value]));
}

/** The parameters that the library has published, by name. */
export async function parameters({ clientOptions }: LocalAws): Promise<Record<string, Record<string, string>>> {
  const client = new SSMClient(clientOptions);
  const all: Record<string, Record<string, string>> = {};
  let NextToken: string | undefined;
  do {
    const page = await client.send(new GetParametersByPathCommand({ Path: '/bedrock-cost-attribution', Recursive: true, NextToken }));
    for (const { Name = '', Value = '' } of page.Parameters ?? []) all[Name] = JSON.parse(Value) as Record<string, string>;
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  return all;
}

/** How often a parameter has been written. */
export async function timesWritten({ clientOptions }: LocalAws, name: string): Promise<number> {
  const { Parameters = [] } = await new SSMClient(clientOptions).send(new GetParameterHistoryCommand({ Name: name }));
  return Parameters.length;
}

/** What was asked of profiles and projects after so many requests. */
export function asked({ recorded }: LocalAws, since = 0): Recorded[] {
  return recorded.slice(since).filter(({ type }) => type === PROFILE || type === PROJECT);
}
