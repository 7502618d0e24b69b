import { Annotations, ArnFormat, type Resource, type Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { logFolder } from './invocation-log-key-prefix';

/**
 * Lets Bedrock write to a bucket, below the prefix and for the account and Region of the store, or warns that the policy is in other hands.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
 */
export function admitToBucket(store: Resource, bucket: s3.IBucket, keyPrefix: string | undefined): void {
  const statement = new iam.PolicyStatement({
    // no sid: a bucket may serve two stores
    principals: [new iam.ServicePrincipal('bedrock.amazonaws.com')],
    actions: ['s3:PutObject'],
    // the permission check of the service writes below this path too, so nothing narrower works
    resources: [bucket.arnForObjects(`${logFolder(keyPrefix, store.stack.account)}*`)],
    conditions: deliveryConditions(store.stack),
  });
  if (!bucket.addToResourcePolicy(statement).statementAdded) {
    Annotations.of(store).addWarningV2(
      'bedrock-cost-attribution:bucketPolicyNotManaged',
      `the policy of the imported bucket ${bucket.node.path} cannot be changed from here: it must have this statement, or logs cannot be `
      + `delivered: ${readable(store.stack, statement)}`,
    );
  }
  if (bucket.encryptionKey !== undefined) admitToKey(store, bucket.encryptionKey);
}

/** Lets Bedrock encrypt what it writes to a bucket with this key. */
function admitToKey(store: Resource, key: kms.IKey): void {
  addToKeyPolicy(store, key, new iam.PolicyStatement({
    sid: 'AmazonBedrockLogsEncrypt',
    principals: [new iam.ServicePrincipal('bedrock.amazonaws.com')],
    actions: ['kms:GenerateDataKey'],
    resources: ['*'], // in a key policy: this key
    conditions: deliveryConditions(store.stack),
  }));
}

/**
 * Lets CloudWatch Logs encrypt and decrypt a log group with this key.
 *
 * @param logGroupName the name, where it is known before the key is made; otherwise every log group of the account and Region is admitted,
 * because key and log group would wait for each other
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
export function admitLogsToKey(store: Resource, key: kms.IKey, logGroupName: string | undefined): void {
  const { stack } = store;
  const logGroup = logGroupName === undefined
    ? stack.formatArn({ service: 'logs', resource: '*', arnFormat: ArnFormat.NO_RESOURCE_NAME })
    : stack.formatArn({ service: 'logs', resource: 'log-group', resourceName: logGroupName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  addToKeyPolicy(store, key, new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
    actions: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
    resources: ['*'], // in a key policy: this key
    conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logGroup } },
  }));
}

/** Adds a statement to the policy of a key, or warns that the policy is in other hands. */
export function addToKeyPolicy(scope: Resource, key: kms.IKey, statement: iam.PolicyStatement): void {
  if (key.addToResourcePolicy(statement, true).statementAdded) return;
  Annotations.of(scope).addWarningV2(
    'bedrock-cost-attribution:keyPolicyNotManaged',
    `the policy of the imported key ${key.node.path} cannot be changed from here: it must have this statement, or logs cannot be `
    + `delivered: ${readable(scope.stack, statement)}`,
  );
}

/** The role by which Bedrock writes to the one log stream that it knows. */
export function createDeliveryRole(store: Resource, logGroup: logs.ILogGroup): iam.Role {
  const role = new iam.Role(store, 'Role', {
    description: 'Lets Amazon Bedrock write model invocation logs to CloudWatch Logs',
    assumedBy: new iam.ServicePrincipal('bedrock.amazonaws.com', { conditions: deliveryConditions(store.stack) }),
  });
  role.addToPolicy(new iam.PolicyStatement({
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    // not from logGroupArn, which ends in ":*" and would make an ARN that matches nothing
    resources: [store.stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: `${logGroup.logGroupName}:log-stream:aws/bedrock/modelinvocations`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    })],
  }));
  return role;
}

/** The service acts for this account and Region only, never for a stranger who names our bucket or role in a configuration. */
function deliveryConditions(stack: Stack): Record<string, Record<string, string>> {
  return {
    StringEquals: { 'aws:SourceAccount': stack.account },
    ArnLike: { 'aws:SourceArn': stack.formatArn({ service: 'bedrock', resource: '*', arnFormat: ArnFormat.NO_RESOURCE_NAME }) },
  };
}

/** A statement as people write it, with references such as `${AWS::Partition}`. */
function readable(stack: Stack, statement: iam.PolicyStatement): string {
  return JSON.stringify(plain(stack.resolve(statement.toStatementJson())));
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if ('Ref' in value) return `\${${String(value.Ref)}}`;
  if ('Fn::GetAtt' in value) return `\${${(value['Fn::GetAtt'] as string[]).join('.')}}`;
  if ('Fn::Join' in value) {
    const [delimiter, parts] = value['Fn::Join'] as [string, unknown[]];
    return parts.map(part => String(plain(part))).join(delimiter);
  }
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, plain(child)]));
}
