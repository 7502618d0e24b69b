/** Environment variable with the ARN of the topic on which a handler says what it did. */
export const TOPIC_VARIABLE = 'NOTIFICATION_TOPIC_ARN';

/** Environment variable with the address of the page that says what to do when something goes wrong. */
export const RUNBOOK_VARIABLE = 'RUNBOOK_URL';

/** Namespace of the metrics of all handlers. */
export const METRIC_NAMESPACE = 'BedrockCostAttribution';

/** Dimension of metrics: name of the stack that they are about. */
export const STACK_DIMENSION = 'StackName';
