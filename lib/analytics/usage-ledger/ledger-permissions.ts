import { ArnFormat, type Stack } from 'aws-cdk-lib';
import { METRIC_NAMESPACE } from '../../private/handlers/constants';
import type { AttributionCatalog } from '../attribution-catalog';
import type { InvocationLogSource } from '../invocation-log-source';
import { catalogPermissions, type Permission, readPermissions } from '../query-statements';

/**
 * What the role of a ledger may do beside querying in its workgroup.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-athena.html
 * @see https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
 */
export function ledgerPermissions(
  stack: Stack, catalog: AttributionCatalog, teamDatabases: string[], decryptionKeyArns: string[],
): Permission[] {
  const { store, bill, invocationLogs } = catalog;
  const storeKey = store.encryptionKey?.keyRef.keyArn;
  const [logBucket, logFolder] = logPlace(invocationLogs);
  const logBucketArn = stack.formatArn({ service: 's3', region: '', account: '', resource: logBucket, arnFormat: ArnFormat.NO_RESOURCE_NAME });
  return [
    ...catalogPermissions(stack, [catalog.databaseName, ...teamDatabases], ['glue:CreateTable', 'glue:UpdateTable']),
    ...readPermissions(store.bucketArn, ['dimensions', 'ledger'], undefined),
    {
      actions: ['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
      resources: [`${store.bucketArn}/ledger/*`],
    },
    ...storeKey === undefined ? [] : [{ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [storeKey] }],
    ...readPermissions(logBucketArn, [logFolder], undefined),
    ...readPermissions(bill.bucket.bucketArn, [bill.prefix], undefined),
    ...decryptionKeyArns.length === 0 ? [] : [{ actions: ['kms:Decrypt'], resources: decryptionKeyArns }],
    { actions: ['lakeformation:GetDataAccess'], resources: ['*'] },
    { actions: ['cloudwatch:PutMetricData'], resources: ['*'], conditions: { StringEquals: { 'cloudwatch:namespace': METRIC_NAMESPACE } } },
  ];
}

/** Bucket and folder of the logs; where each account and Region has a bucket of its own, a pattern of their names. */
function logPlace({ locationTemplate }: InvocationLogSource): [bucket: string, folder: string] {
  const [, bucket, folder] = /^s3:\/\/([^/]+)\/(.*AWSLogs)\//.exec(locationTemplate.replace(/\$\{log_(account|region)\}/g, '*')) ?? [];
  return [bucket, folder];
}
