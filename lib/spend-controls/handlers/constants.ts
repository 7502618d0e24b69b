/** CloudFormation type name under which the activation of tags appears in templates and in the console. */
export const TAG_ACTIVATION_TYPE = 'Custom::BedrockCostAllocationTags';

/**
 * Property of the custom resource, and field of the scheduled event, with `TagActivationSettings`: as JSON text in the first, because
 * CloudFormation turns every scalar of a custom resource into a string.
 */
export const TAG_ACTIVATION_SETTINGS = 'Settings';

/** What the function for tags is told. */
export interface TagActivationSettings {
  /** The SSM parameter in which the function keeps what it has found and done. */
  readonly parameterName: string;
  /** The tag keys that shall be active. */
  readonly tagKeys: readonly string[];
  /** More of them, separated by commas, of which synthesis knew neither the names nor the number. */
  readonly listedTagKeys?: string;
  /** A value of `OnTagActivationDelete`. */
  readonly onDelete: string;
  /** First month, `YYYY-MM`, that the bill shall tell the tags of. */
  readonly backfillFrom?: string;
}

/** Environment variable with the id of the stack whose tags the function activates. */
export const TAG_ACTIVATION_STACK_VARIABLE = 'TAG_ACTIVATION_STACK_ID';

/** Dimension of the metrics of one tag key. */
export const TAG_KEY_DIMENSION = 'TagKey';

/** 1 when a tag key is active, 0 when it is not; by stack and tag key. */
export const TAG_ACTIVE_METRIC = 'CostAllocationTagActive';

/** For how long a tag key has been pending, in seconds; 0 when it is not; by stack and tag key. */
export const TAG_PENDING_METRIC = 'CostAllocationTagPendingSeconds';

/** For how long the longest pending tag key has been so, in seconds; by stack. Measured by every check that came to its end. */
export const LONGEST_PENDING_METRIC = 'LongestPendingSeconds';

/** How many tag keys the service refused to activate; by stack. */
export const REFUSED_TAGS_METRIC = 'RefusedCostAllocationTags';

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html (read 2026-11-21) */
const LONGEST_DIMENSION_VALUE = 1_024;

/** A tag key as the value of a dimension, which takes ASCII only: without the end where that has no room. */
export function tagKeyDimensionValue(tagKey: string): string {
  return tagKey.replace(/[^\x20-\x7e]/gu, encodeURIComponent).slice(0, LONGEST_DIMENSION_VALUE);
}

/** How long the function repeats what fails by throttling, a fault of the service or a right that is on its way, in seconds. */
export const TAG_RETRY_BUDGET_SECONDS = 180;

/** Time-out of the function for tags, in seconds: the retry budget, the calls that were under way when it ended, and the answer. */
export const TAG_HANDLER_TIMEOUT_SECONDS = 600;

/** How long CloudFormation waits for the answer of the function for tags, in seconds, instead of its default of an hour. */
export const TAG_SERVICE_TIMEOUT_SECONDS = 900;

/** @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html (read 2026-11-21) */
export const MOST_STATE_BYTES = 8_192;

/** Beginning of the keys of tags of a calling principal and of its session, as Cost Explorer lists them. */
export const PRINCIPAL_TAG_PREFIX = 'iamPrincipal/';

/** Other beginnings that texts about such tags mention; which of them the service lists is found out at run time. */
const OTHER_PRINCIPAL_TAG_PREFIXES = ['user:iamPrincipal/', 'aws:PrincipalTag/'];

/** The same for all spellings of one tag: without regard to case, and to the beginning that stands for the calling principal. */
export function canonicalTagKey(tagKey: string): string {
  const lower = tagKey.toLowerCase();
  const other = OTHER_PRINCIPAL_TAG_PREFIXES.find(prefix => lower.startsWith(prefix.toLowerCase()));
  return other === undefined ? lower : PRINCIPAL_TAG_PREFIX.toLowerCase() + lower.slice(other.length);
}

/** Field of the event of the service watch with `ServiceWatchSettings`. */
export const SERVICE_WATCH_SETTINGS = 'Settings';

/** What the service watch is told. */
export interface ServiceWatchSettings {
  /** The SSM parameter that publishes the names, and remembers those that nobody has named. */
  readonly parameterName: string;
  /** The names that the release knows. */
  readonly releaseNames: readonly string[];
  /** The names that were named beside; an entry holds several, one on each line, of which synthesis knew neither names nor number. */
  readonly additionalNames: readonly string[];
  /** Names with the word Bedrock that are something else; written as the names beside. */
  readonly ignoredNames: readonly string[];
  /** Of how many days the spend is looked through, a number as text: what is known at deployment only arrives as text. */
  readonly lookBackDays: string;
  /** The budgets whose lists of services are looked at. */
  readonly budgetNames: readonly string[];
  /** Whether these lists are extended, or only reported. */
  readonly extendBudgets: boolean;
}

/** Environment variable with the id of the stack of the service watch. */
export const SERVICE_WATCH_STACK_VARIABLE = 'SERVICE_WATCH_STACK_ID';

/** How many services of Amazon Bedrock nobody has named; by stack. Measured by every check that could ask Cost Explorer. */
export const UNKNOWN_SERVICES_METRIC = 'UnknownBedrockServices';

/** How long the service watch repeats what fails by throttling or a fault of a service, in seconds. */
export const SERVICE_WATCH_RETRY_BUDGET_SECONDS = 180;

/** Time-out of the service watch, in seconds: the retry budget, and the calls on each budget after it. */
export const SERVICE_WATCH_TIMEOUT_SECONDS = 600;

/** The word that every name of a service of Amazon Bedrock has, in whatever case. */
export const BEDROCK_WORD = 'Bedrock';

/** What the parameter of the service watch holds, as JSON text. */
export interface PublishedServices {
  /** All names by which Amazon Bedrock is known: of the release, named beside, and found. Sorted. */
  readonly serviceNames: readonly string[];
  /** Those of them that were found and that nobody has named. Sorted. */
  readonly unknownServiceNames: readonly string[];
}
