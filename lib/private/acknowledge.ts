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
 * write, under the key that is public for those who read it. It is written once more when all references are resolved: one to another stack
 * has become the name of an export by then, which the id of the finding has instead.
 */
export function acknowledgeWildcard(construct: IConstruct, arn: string, reason: string): void {
  const { node } = construct.node.defaultChild ?? construct;
  const write = (id: string): void => {
    node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, { [`AwsSolutions-IAM5[Resource::${id}]`]: reason });
  };
  const early = flattened(Stack.of(construct), arn);
  write(early);
  // nothing that could become something else: no reference but those that every stack has
  if (!/<(?!AWS::)/.test(early)) return;
  node.addValidation({
    validate: () => {
      const late = flatten(Stack.of(construct).resolve(arn));
      if (late !== early) write(late);
      return [];
    },
  });
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

/** The text by which cdk-nag knows a value: `<Name>` for a reference, and the name of an export for an import. */
function flatten(value: unknown): string {
  if (typeof value !== 'object' || value === null) return value as string;
  if ('Fn::ImportValue' in value) return flatten(value['Fn::ImportValue']);
  if ('Ref' in value) return `<${flatten(value.Ref)}>`;
  if ('Fn::GetAtt' in value) return `<${(value['Fn::GetAtt'] as string[]).join('.')}>`;
  if ('Fn::Join' in value) {
    const [delimiter, parts] = value['Fn::Join'] as [string, unknown];
    return Array.isArray(parts) ? parts.map(flatten).join(delimiter) : JSON.stringify(value);
  }
  return JSON.stringify(value);
}
