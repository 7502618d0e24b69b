import * as iam from 'aws-cdk-lib/aws-iam';
import { acknowledgeWildcard } from '../private/acknowledge';
import { QUERY_ACTIONS, resultPermissions } from './query-statements';
import type { IQueryWorkGroup } from './query-workgroup-base';

/**
 * Permissions on a query workgroup.
 */
export class QueryWorkGroupGrants {
  /**
   * The permissions that can be given on a workgroup.
   */
  public static fromQueryWorkGroup(workGroup: IQueryWorkGroup): QueryWorkGroupGrants {
    return new QueryWorkGroupGrants(workGroup);
  }

  private constructor(private readonly workGroup: IQueryWorkGroup) {}

  /**
   * Lets somebody query in the workgroup, and read and write results where it keeps them; not the tables, whose data they have to be
   * allowed to read as well.
   *
   * On the workgroup: `athena:BatchGetNamedQuery`, `athena:BatchGetQueryExecution`, `athena:GetNamedQuery`, `athena:GetPreparedStatement`,
   * `athena:GetQueryExecution`, `athena:GetQueryResults`, `athena:GetQueryResultsStream`, `athena:GetQueryRuntimeStatistics`,
   * `athena:GetWorkGroup`, `athena:ListNamedQueries`, `athena:ListPreparedStatements`, `athena:ListQueryExecutions`,
   * `athena:StartQueryExecution` and `athena:StopQueryExecution`. On the bucket of the results: `s3:GetBucketLocation`,
   * `s3:ListBucketMultipartUploads` and, below the prefix, `s3:ListBucket`, `s3:AbortMultipartUpload`, `s3:GetObject`,
   * `s3:ListMultipartUploadParts` and `s3:PutObject`. On the key of the results: `kms:Decrypt`, `kms:GenerateDataKey` and, where Athena
   * keeps the results, `kms:DescribeKey`. Of a workgroup that was imported by its name, the place of the results is not known, and the
   * rights on it are yours to give.
   *
   * @param grantee who may query
   */
  public query(grantee: iam.IGrantable): iam.Grant {
    const { workGroupArn, results } = this.workGroup;
    const granted = [
      { actions: QUERY_ACTIONS, resources: [workGroupArn] },
      ...results === undefined ? [] : resultPermissions(results),
    ].map(({ actions, resources, conditions }) => iam.Grant.addToPrincipal({ grantee, actions, resourceArns: resources, conditions }));

    if (results?.bucket !== undefined && iam.Role.isRole(grantee.grantPrincipal)) {
      const policy = grantee.grantPrincipal.node.tryFindChild('DefaultPolicy');
      const files = `${results.bucket.bucketRef.bucketArn}/${results.prefix}/*`;
      if (policy !== undefined) acknowledgeWildcard(policy, files, 'the results of queries, whose names Athena makes');
    }
    return granted.reduce((all, grant) => all.combine(grant));
  }
}
