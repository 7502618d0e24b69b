import { CfnResource, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

/** A synthesized resource with all references resolved to text. */
export interface ResolvedResource {
  readonly type: string;
  /** What `Ref` answers with. */
  readonly ref: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What `Ref`, and attributes that are ARNs, come to for the types of resources that others refer to. */
const IDENTITIES = new Map<string, (id: string, stack: Stack) => { ref: string; arn: string }>(Object.entries({
  'AWS::IAM::Role': (id: string, { account }: Stack) => ({ ref: id, arn: `arn:aws:iam::${account}:role/${id}` }),
  'AWS::IAM::User': (id: string, { account }: Stack) => ({ ref: id, arn: `arn:aws:iam::${account}:user/${id}` }),
  'AWS::IAM::Group': (id: string, { account }: Stack) => ({ ref: id, arn: `arn:aws:iam::${account}:group/${id}` }),
  'AWS::IAM::ManagedPolicy': (id: string, { account }: Stack) => itsArn(`arn:aws:iam::${account}:policy/${id}`),
  'AWS::IAM::SAMLProvider': (id: string, { account }: Stack) => itsArn(`arn:aws:iam::${account}:saml-provider/${id}`),
  'AWS::IAM::OIDCProvider': (id: string, { account }: Stack) => itsArn(`arn:aws:iam::${account}:oidc-provider/${id}`),
  'AWS::Bedrock::ApplicationInferenceProfile': (id: string, { account, region }: Stack) => (
    { ref: id, arn: `arn:aws:bedrock:${region}:${account}:application-inference-profile/${id}` }
  ),
  'AWS::BedrockMantle::Project': (id: string, { account, region }: Stack) => itsArn(`arn:aws:bedrock-mantle:${region}:${account}:project/proj_${id}`),
}));

interface SynthesizedTemplate {
  readonly Resources: Record<string, { readonly Type: string; readonly Properties?: Record<string, unknown> }>;
}

/** Properties by which a resource has a name of its own. */
const NAMES = ['RoleName', 'UserName', 'GroupName', 'ManagedPolicyName'];

const itsArn = (arn: string): { ref: string; arn: string } => ({ ref: arn, arn });

/**
 * The resources of a stack as they would be deployed.
 *
 * A resource without a name of its own is called by the path of its construct: `Profiles/OwnModel` becomes `own-model`.
 */
export function resolveTemplate(stack: Stack): ResolvedResource[] {
  const { Resources } = Template.fromStack(stack).toJSON() as SynthesizedTemplate;
  const ids = physicalIds(stack);
  const identityOf = (logicalId: string): { ref: string; arn: string } => {
    const { Type, Properties = {} } = Resources[logicalId];
    const name = NAMES.map(property => Properties[property]).find(value => typeof value === 'string');
    const id = name ?? ids.get(logicalId) ?? logicalId;
    return IDENTITIES.get(Type)?.(id, stack) ?? itsArn(id);
  };
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== 'object' || value === null) return value;
    if ('Ref' in value) return resolveRef(value.Ref as string);
    if ('Fn::GetAtt' in value) return resolveAttribute(value['Fn::GetAtt'] as [string, string]);
    if ('Fn::Join' in value) {
      const [delimiter, parts] = value['Fn::Join'] as [string, unknown[]];
      return parts.map(resolve).join(delimiter);
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)]));
  };
  const resolveRef = (name: string): string => {
    switch (name) {
      case 'AWS::Partition': return 'aws';
      case 'AWS::AccountId': return stack.account;
      case 'AWS::Region': return stack.region;
      case 'AWS::URLSuffix': return 'amazonaws.com';
      default: return name in Resources ? identityOf(name).ref : name;
    }
  };
  const resolveAttribute = ([logicalId, attribute]: [string, string]): string => {
    const { ref, arn } = identityOf(logicalId);
    return attribute.endsWith('Arn') ? arn : ref.split('/').at(-1) ?? ref;
  };
  return Object.entries(Resources).map(([logicalId, { Type, Properties = {} }]) => (
    { type: Type, ref: identityOf(logicalId).ref, properties: resolve(Properties) as Record<string, unknown> }
  ));
}

/** Names made from the paths of constructs. */
function physicalIds(stack: Stack): Map<string, string> {
  return new Map(stack.node.findAll().filter(construct => CfnResource.isCfnResource(construct)).map(element => {
    const parts = element.node.path.split('/').slice(1);
    const own = parts.filter(part => part !== 'Resource').at(-1) ?? element.node.id;
    return [stack.resolve(element.logicalId) as string, own.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase()];
  }));
}
