import type { Tags } from './places';
import type { ResolvedResource } from './resolve-template';

/** A policy document by the name that the matrix knows it by. */
export interface NamedPolicy {
  readonly name: string;
  readonly policy: PolicyDocument;
  /** Whether it was there before, and no construct has made it. */
  readonly isGiven?: true;
}

export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Whether a statement is about an action at all: worth asking before all the rest of it is evaluated. */
export function namesAction({ Action = '*' }: Statement, action: string): boolean {
  return [Action].flat().some(pattern => new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 'i').test(action));
}

/** A role or user as it was synthesized. */
export interface SynthesizedPrincipal {
  readonly tags: Tags;
  readonly identity: readonly NamedPolicy[];
  readonly boundary?: readonly NamedPolicy[];
  readonly trust?: NamedPolicy;
}

interface Attachable {
  readonly PolicyDocument: PolicyDocument;
  readonly PolicyName?: string;
  readonly Roles?: readonly string[];
  readonly Users?: readonly string[];
  readonly Groups?: readonly string[];
}

/** The policies, boundary, trust and tags of a role or user of a stack, wherever the template keeps them. */
export function principalOf(resources: readonly ResolvedResource[], ref: string): SynthesizedPrincipal {
  const found = resources.find(({ type, ref: other }) => other === ref && (type === 'AWS::IAM::Role' || type === 'AWS::IAM::User'));
  if (found === undefined) throw new RangeError(`there is no role or user ${ref}`);
  const { properties, type } = found;
  const groups = groupsOf(resources, found);
  const holders = new Set([ref, ...groups.map(group => group.ref)]);
  const attached = new Set([found, ...groups].flatMap(({ properties: { ManagedPolicyArns } }) => (ManagedPolicyArns ?? []) as string[]));
  const boundary = properties.PermissionsBoundary as string | undefined;

  const inline = [found, ...groups].flatMap(holder => ((holder.properties.Policies ?? []) as Attachable[]));
  const separate = resources.filter(other => /^AWS::IAM::(ManagedPolicy|Policy)$/.test(other.type)).filter(other => (
    attached.has(other.ref) || holdersOf(other.properties as unknown as Attachable).some(holder => holders.has(holder))
  ));
  return {
    tags: tagsOf(properties),
    identity: [
      ...inline.map(({ PolicyName = ref, PolicyDocument }) => ({ name: PolicyName, policy: PolicyDocument })),
      ...separate.map(asNamedPolicy),
    ],
    boundary: boundary === undefined ? undefined : resources.filter(other => other.ref === boundary).map(asNamedPolicy),
    trust: type === 'AWS::IAM::Role' ? { name: `trust of ${ref}`, policy: properties.AssumeRolePolicyDocument as PolicyDocument } : undefined,
  };
}

/** The policy that the roles of a permission set have in the accounts that it is assigned to. */
export function permissionSetOf(resources: readonly ResolvedResource[], name: string): NamedPolicy {
  const found = resources.find(({ type, properties }) => type === 'AWS::SSO::PermissionSet' && properties.Name === name);
  if (found === undefined) throw new RangeError(`there is no permission set ${name}`);
  return { name: `permission set ${name}`, policy: found.properties.InlinePolicy as PolicyDocument };
}

/** The tags of a resource. */
export function tagsOf(properties: Readonly<Record<string, unknown>>): Tags {
  return Object.fromEntries(((properties.Tags ?? []) as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]));
}

function groupsOf(resources: readonly ResolvedResource[], user: ResolvedResource): ResolvedResource[] {
  const additions = resources
    .filter(({ type, properties }) => type === 'AWS::IAM::UserToGroupAddition' && (properties.Users as string[]).includes(user.ref))
    .map(({ properties }) => properties.GroupName as string);
  const names = new Set([...(user.properties.Groups ?? []) as string[], ...additions]);
  return resources.filter(({ type, ref }) => type === 'AWS::IAM::Group' && names.has(ref));
}

function holdersOf({ Roles = [], Users = [], Groups = [] }: Attachable): string[] {
  return [...Roles, ...Users, ...Groups];
}

function asNamedPolicy({ ref, properties }: ResolvedResource): NamedPolicy {
  return { name: ref.split('/').at(-1) ?? ref, policy: properties.PolicyDocument as PolicyDocument };
}
