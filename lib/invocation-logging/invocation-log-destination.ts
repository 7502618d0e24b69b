/** Where invocation logs can be delivered. */
export enum InvocationLogDestination {
  /** Objects with gzipped lines of JSON in a bucket: the source of the Athena tables. */
  S3 = 'S3',

  /** Events in a log group: for CloudWatch Logs Insights and metric filters. */
  CLOUDWATCH_LOGS = 'CLOUDWATCH_LOGS',
}
