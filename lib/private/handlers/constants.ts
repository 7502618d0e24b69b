/** Environment variable with the ARN of the topic on which a handler says what it did. */
export const TOPIC_VARIABLE = 'NOTIFICATION_TOPIC_ARN';

/** Environment variable with the address of the page that says what to do when something goes wrong. */
export const RUNBOOK_VARIABLE = 'RUNBOOK_URL';

/** Namespace of the metrics of all handlers. */
export const METRIC_NAMESPACE = 'BedrockCostAttribution';

/** Dimension of metrics: name of the stack that they are about. */
export const STACK_DIMENSION = 'StackName';

/** Environment variables of the scheduled report, whose handler lies beside the report that it makes. */
export const REPORT_VARIABLES = {
  workGroup: 'WORKGROUP',
  database: 'DATABASE',
  bucket: 'BUCKET',
  /** Names of the keys, joined by commas. */
  by: 'BY',
  /** `week` or `month`. */
  period: 'PERIOD',
  /** Whole days after the end of a period until it is reported. */
  settlingDays: 'SETTLING_DAYS',
  /** Names of the tags that carry the keys, as a JSON list. */
  tagNames: 'TAG_NAMES',
} as const;

/** Folder of the scheduled reports in the bucket of the ledger. */
export const REPORT_FOLDER = 'reports';

/** A report of a large month is a handful of queries of some minutes each; Lambda allows no more. */
export const REPORT_TIMEOUT_SECONDS = 900;
