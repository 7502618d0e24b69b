import { App, type Stack, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ACCOUNT, REGION, type Tags } from '../access/simulation/places';
import { type NamedPolicy, type PolicyDocument, principalOf, tagsOf } from '../access/simulation/principals';
import type { ResolvedResource } from '../access/simulation/resolve-template';
import type { Scenario } from '../access/simulation/scenario';
import { ALLOW_ALL } from '../access/simulation/simulate';
import type { Statement } from '../support/evaluate-policy';

/** What a policy says of something that can be called: its ARN and its tags. */
export interface Callable {
  readonly arn: string;
  readonly tags: Tags;
}

type Resources = Record<string, { Type: string; Properties?: Record<string, unknown> }>;

/** How `Ref` and the attributes with an ARN come out, by the type of a resource and its id. */
const ARNS: Record<string, (id: string) => string> = {
  'AWS::IAM::Role': id => `arn:aws:iam::${ACCOUNT}:role/${id}`,
  'AWS::IAM::User': id => `arn:aws:iam::${ACCOUNT}:user/${id}`,
  'AWS::IAM::SAMLProvider': id => `arn:aws:iam::${ACCOUNT}:saml-provider/${id}`,
  'AWS::IAM::OIDCProvider': id => `arn:aws:iam::${ACCOUNT}:oidc-provider/${id}`,
  'AWS::Bedrock::ApplicationInferenceProfile': id => `arn:aws:bedrock:${REGION}:${ACCOUNT}:application-inference-profile/${id}`,
  'AWS::BedrockMantle::Project': id => `arn:aws:bedrock-mantle:${REGION}:${ACCOUNT}:project/proj_${id}`,
};

const CALLERS = ['AWS::IAM::Role', 'AWS::IAM::User'];

/** The same caller, once somebody has given it all permissions that there are. */
export function withAdministratorAccess(caller: Scenario): Scenario {
  return { ...caller, identity: [{ name: 'AdministratorAccess', policy: ALLOW_ALL }, ...caller.identity] };
}

/** The stack of an example, as it would be deployed: roles and users have the logical id as their name where they have no other. */
export class Example {
  /** The app that the stack is alone in. */
  public readonly app = new App();
  /** The resources, all references resolved to text. */
  public readonly resources: ResolvedResource[];

  private readonly template: Resources;

  constructor(ExampleStack: new (scope: App, id: string, props: StackProps) => Stack) {
    const stack = new ExampleStack(this.app, 'Example', { env: { account: ACCOUNT, region: REGION } });
    this.template = (Template.fromStack(stack).toJSON() as { Resources: Resources }).Resources;
    this.resources = Object.entries(this.template).map(([logicalId, { Type, Properties = {} }]) => (
      { type: Type, ref: this.identityOf(logicalId).ref, properties: this.resolve(Properties) as Record<string, unknown> }
    ));
  }

  /** Who calls with the role or user whose logical id begins like this, under all policies that the stack gives him. */
  public caller(beginning: string): Scenario {
    const [logicalId, { Type }] = this.find(beginning, CALLERS);
    const { ref, arn } = this.identityOf(logicalId);
    const { tags, identity, boundary } = principalOf(this.resources, ref);
    const principal = Type === 'AWS::IAM::Role' ? `arn:aws:sts::${ACCOUNT}:assumed-role/${ref}/session` : arn;
    return { about: `${logicalId} of an example`, principal, tags, identity, boundary, guardrails: [] };
  }

  /** Who calls with a role that IAM Identity Center makes of the permission set whose logical id begins like this. */
  public permissionSet(beginning: string): Scenario {
    const [logicalId] = this.find(beginning, ['AWS::SSO::PermissionSet']);
    const { InlinePolicy, Name } = this.resources.find(({ ref }) => ref === logicalId)?.properties ?? {};
    const principal = `arn:aws:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_${Name as string}_0123456789abcdef/somebody`;
    const identity = [{ name: 'inline', policy: InlinePolicy as PolicyDocument }];
    return { about: `${logicalId} of an example`, principal, tags: {}, identity, guardrails: [] };
  }

  /** Whom the role trusts whose logical id begins like this. */
  public trust(beginning: string): { arn: string; policy: NamedPolicy; statements: Statement[] } {
    const { ref, arn } = this.identityOf(this.find(beginning, ['AWS::IAM::Role'])[0]);
    const { trust } = principalOf(this.resources, ref);
    if (trust === undefined) throw new RangeError(`${beginning} trusts nobody`);
    return { arn, policy: trust, statements: trust.policy.Statement as unknown as Statement[] };
  }

  /** The ARN and tags of the profile or project whose logical id begins like this. */
  public callable(beginning: string): Callable {
    const [logicalId] = this.find(beginning, Object.keys(ARNS).filter(type => type.startsWith('AWS::Bedrock')));
    const { ref, arn } = this.identityOf(logicalId);
    return { arn, tags: tagsOf(this.resources.find(resource => resource.ref === ref)?.properties ?? {}) };
  }

  private find(beginning: string, types: string[]): [string, { Type: string }] {
    const found = Object.entries(this.template).filter(([id, { Type }]) => id.startsWith(beginning) && types.includes(Type));
    if (found.length === 1) return found[0];
    throw new RangeError(`${found.length} resources begin with ${beginning}: ${found.map(([id]) => id).join(', ')}`);
  }

  private identityOf(logicalId: string): { ref: string; arn: string } {
    const { Type, Properties = {} } = this.template[logicalId];
    const { RoleName, UserName } = Properties;
    const id = [RoleName, UserName].find(name => typeof name === 'string') ?? logicalId;
    const arn = Object.hasOwn(ARNS, Type) ? ARNS[Type](id) : id;
    return { ref: Type.endsWith('Provider') ? arn : id, arn };
  }

  private resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(inner => this.resolve(inner));
    if (typeof value !== 'object' || value === null) return value;
    if ('Ref' in value) return this.resolveRef(value.Ref as string);
    if ('Fn::GetAtt' in value) {
      const [logicalId, attribute] = value['Fn::GetAtt'] as [string, string];
      return attribute.endsWith('Arn') ? this.identityOf(logicalId).arn : this.identityOf(logicalId).ref;
    }
    if ('Fn::Join' in value) {
      const [delimiter, parts] = value['Fn::Join'] as [string, unknown[]];
      return parts.map(part => this.resolve(part)).join(delimiter);
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.resolve(inner)]));
  }

  private resolveRef(name: string): string {
    if (name === 'AWS::Partition') return 'aws';
    return Object.hasOwn(this.template, name) ? this.identityOf(name).ref : name;
  }
}
