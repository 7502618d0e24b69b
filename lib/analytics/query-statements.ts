import type { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { QueryResults } from './query-results';

/** What is allowed, before it becomes a statement or a grant. */
export interface Permission {
  readonly actions: string[];
  readonly resources: string[];
  readonly conditions?: Record<string, Record<string, unknown>>;
}

/**
 * What it takes to query in a workgroup. Athena knows no finer resource: whoever may read one query of a workgroup may read all of them.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonathena.html
 */
export const QUERY_ACTIONS = [
  'athena:BatchGetNamedQuery',
  'athena:BatchGetQueryExecution',
  'athena:GetNamedQuery',
  'athena:GetPreparedStatement',
  'athena:GetQueryExecution',
  'athena:GetQueryResults',
  'athena:GetQueryResultsStream',
  'athena:GetQueryRuntimeStatistics',
  'athena:GetWorkGroup',
  'athena:ListNamedQueries',
  'athena:ListPreparedStatements',
  'athena:ListQueryExecutions',
  'athena:StartQueryExecution',
  'athena:StopQueryExecution',
];

/** What Athena asks the Glue catalog about tables and views that it reads. */
const CATALOG_ACTIONS = [
  'glue:BatchGetPartition', 'glue:GetDatabase', 'glue:GetDatabases', 'glue:GetPartition', 'glue:GetPartitions', 'glue:GetTable', 'glue:GetTables',
];

/** The data source under which Athena knows the Glue catalog. */
export function dataSourceArn(stack: Stack): string {
  return stack.formatArn({ service: 'athena', resource: 'datacatalog', resourceName: 'AwsDataCatalog' });
}

/**
 * What it takes to see the definitions of databases. Athena looks at its data source and at the database `default` whatever is asked.
 *
 * @param more what else may be done with the databases and their tables
 * @see https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
 */
export function catalogPermissions(stack: Stack, databaseNames: string[], more: string[] = []): Permission[] {
  const glue = (resource: string, resourceName?: string): string => stack.formatArn({ service: 'glue', resource, resourceName });
  return [
    { actions: ['athena:GetDataCatalog'], resources: [dataSourceArn(stack)] },
    { actions: ['glue:GetDatabase', 'glue:GetDatabases'], resources: [glue('catalog'), glue('database', 'default')] },
    {
      actions: [...CATALOG_ACTIONS, ...more],
      resources: [glue('catalog'), ...databaseNames.flatMap(name => [glue('database', name), glue('table', `${name}/*`)])],
    },
  ];
}

/** The statement that allows something. */
export function asStatement({ actions, resources, conditions }: Permission): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources, conditions });
}

/**
 * What it takes to have results written and to read them. With managed results that is part of the workgroup, but for the key.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html
 * @see https://docs.aws.amazon.com/athena/latest/ug/encrypting-managed-results.html
 */
export function resultPermissions({ bucket, prefix, encryptionKey }: QueryResults): Permission[] {
  const key = encryptionKey?.keyRef.keyArn;
  if (bucket === undefined) {
    return key === undefined ? [] : [{ actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'], resources: [key] }];
  }
  const { bucketArn } = bucket.bucketRef;
  return [
    { actions: ['s3:GetBucketLocation', 's3:ListBucketMultipartUploads'], resources: [bucketArn] },
    listing(bucketArn, [String(prefix)]),
    {
      actions: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
      resources: [`${bucketArn}/${prefix}/*`],
    },
    ...key === undefined ? [] : [{ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key] }],
  ];
}

/** What it takes to read folders of a bucket. */
export function readPermissions(bucketArn: string, folders: string[], keyArn: string | undefined): Permission[] {
  return [
    { actions: ['s3:GetBucketLocation'], resources: [bucketArn] },
    listing(bucketArn, folders),
    { actions: ['s3:GetObject'], resources: folders.map(folder => `${bucketArn}/${folder}/*`) },
    ...keyArn === undefined ? [] : [{ actions: ['kms:Decrypt'], resources: [keyArn] }],
  ];
}

function listing(bucketArn: string, folders: string[]): Permission {
  return {
    actions: ['s3:ListBucket'],
    resources: [bucketArn],
    conditions: { StringLike: { 's3:prefix': folders.flatMap(folder => [folder, `${folder}/*`]) } },
  };
}
