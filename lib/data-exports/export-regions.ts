/**
 * Regions in which CloudFormation can make `AWS::BCMDataExports::Export`, read on 2026-11-21 from AWS's own template, which falls back to a
 * Lambda function everywhere else.
 *
 * @see https://github.com/aws-solutions-library-samples/cloud-intelligence-dashboards-data-collection/blob/main/data-exports/deploy/data-exports-aggregation.yaml
 */
export const EXPORT_REGIONS: readonly string[] = ['us-east-1', 'cn-northwest-1', 'us-iso-east-1', 'us-iso-west-1'];
