import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Acknowledges a cdk-nag rule on the CloudFormation resource of a construct, which is where cdk-nag looks.
 *
 * @param construct a construct with a default child, or a CloudFormation resource
 * @param id rule id, with the finding in brackets where the rule has findings
 * @param reason why the rule does not apply
 */
export function acknowledge(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct.node.defaultChild ?? construct).acknowledge({ id, reason });
}

/**
 * Acknowledges that an IAM entity is allowed something on an ARN with a wildcard.
 *
 * `Validations.acknowledge()` refuses ids with more than one `::`, which the id of every such finding has. Hence the metadata that it would
 * write, under the key that is public for those who read it.
 */
export function acknowledgeWildcard(construct: IConstruct, arn: string, reason: string): void {
  const id = `AwsSolutions-IAM5[Resource::${flattened(Stack.of(construct), arn)}]`;
  (construct.node.defaultChild ?? construct).node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, { [id]: reason });
}

/** The same few ARNs are acknowledged on every role of a stack: each is resolved once. */
const FLATTENED = new WeakMap<Stack, Map<string, string>>();

function flattened(stack: Stack, arn: string): string {
  const known = FLATTENED.get(stack) ?? new Map<string, string>();
  FLATTENED.set(stack, known);
  const text = known.get(arn) ?? flatten(stack.resolve(arn));
  known.set(arn, text);
  return text;
}

/** The text by which cdk-nag knows a value: `<Name>` for a reference. */
function flatten(value: unknown): string {
  if (typeof value !== 'object' || value === null) return value as string;
  if ('Ref' in value) return `<${flatten(value.Ref)}>`;
  if ('Fn::Join' in value) {
    const [delimiter, parts] = value['Fn::Join'] as [string, unknown];
    return Array.isArray(parts) ? parts.map(flatten).join(delimiter) : JSON.stringify(value);
  }
  return JSON.stringify(value);
}
