import { Token } from 'aws-cdk-lib';
import { InvocationLogDestination } from './invocation-log-destination';
import { keyPrefixProblems, keyPrefixWithoutSlashes } from './invocation-log-key-prefix';
import { lifecycleProblems } from './invocation-log-lifecycle';
import type { InvocationLogStoreProps } from './invocation-log-store';
import type { InvocationLogStoreAttributes } from './invocation-log-store-attributes';
import { lagThresholdProblems } from './validate-invocation-log-archive';

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html (read 2026-11-21) */
const LOG_GROUP_NAME = /^[.\-_/#A-Za-z0-9]{1,512}$/;

const BUCKET_PROPS = [
  'bucketName', 'keyPrefix', 'versioned', 'objectExpiration', 'transitions', 'archive', 'serverAccessLogsBucket',
] as const satisfies (keyof InvocationLogStoreProps)[];

const LOG_GROUP_PROPS = ['logGroupName', 'logRetention', 'largeDataStore'] as const satisfies (keyof InvocationLogStoreProps)[];

/** An account and Region; a stack is in one. */
interface Place {
  readonly account: string;
  readonly region: string;
}

/** What is wrong with the properties of a store, one sentence each. */
export function storeProblems(props: InvocationLogStoreProps, destinations: InvocationLogDestination[], own: Place): string[] {
  return [
    ...destinations.length > 0 ? [] : [
      'destinations is [], and a configuration without a destination is accepted but delivers nothing; name S3, CLOUDWATCH_LOGS or both',
    ],
    ...strayProblems(props, destinations, InvocationLogDestination.S3, BUCKET_PROPS),
    ...strayProblems(props, destinations, InvocationLogDestination.CLOUDWATCH_LOGS, LOG_GROUP_PROPS),
    ...keyPrefixProblems(props.keyPrefix),
    ...logGroupNameProblems(props.logGroupName),
    ...lifecycleProblems(props),
    ...largeDataProblems(props.largeDataStore, own),
    ...replicationProblems(props),
  ];
}

/**
 * What is wrong with the attributes of an imported store, one sentence each.
 *
 * @param makesRole whether a log group without a role gets one
 */
export function importProblems(attributes: InvocationLogStoreAttributes, makesRole: boolean, own: Place): string[] {
  const { archive, bucket, keyPrefix, largeDataStore, logGroup, role } = attributes;
  return [
    ...bucket !== undefined || logGroup !== undefined ? [] : [
      'neither bucket nor logGroup is given, and a configuration without a destination is accepted but delivers nothing; give one or both',
    ],
    ...logGroup === undefined || role !== undefined || makesRole ? [] : [
      'logGroup is given without role; Bedrock writes to a log group by a role only, so give both',
    ],
    ...role === undefined || logGroup !== undefined ? [] : ['role is given without logGroup; the role is for the log group only, so give both or none'],
    ...keyPrefix === undefined || bucket !== undefined ? [] : ['keyPrefix is given without bucket; give both or none'],
    ...archive === undefined || bucket !== undefined ? [] : ['archive is given without bucket; give both or none'],
    ...largeDataStore === undefined || logGroup !== undefined ? [] : ['largeDataStore is given without logGroup; give both or none'],
    ...keyPrefixProblems(keyPrefix),
    ...bucket === undefined ? [] : placeProblems('bucket', bucket.env, own),
    ...logGroup === undefined ? [] : placeProblems('logGroup', logGroup.env, own),
    ...largeDataProblems(largeDataStore, own),
  ];
}

function strayProblems(
  props: InvocationLogStoreProps,
  destinations: InvocationLogDestination[],
  needed: InvocationLogDestination,
  names: (keyof InvocationLogStoreProps)[],
): string[] {
  if (destinations.length === 0 || destinations.includes(needed)) return [];
  return names.filter(name => props[name] !== undefined).map(name => `${name} is given but destinations lacks ${needed}; add ${needed} or remove ${name}`);
}

function logGroupNameProblems(name: string | undefined): string[] {
  if (name === undefined || Token.isUnresolved(name) || LOG_GROUP_NAME.test(name)) return [];
  return [`logGroupName is ${JSON.stringify(name)}; give 1 to 512 letters, digits, or any of . - _ / #`];
}

function largeDataProblems(store: InvocationLogStoreProps['largeDataStore'], own: Place): string[] {
  if (store === undefined) return [];
  return [
    ...store.bucket !== undefined ? [] : ['largeDataStore has no bucket, which is what takes large data; give a store that delivers to S3'],
    ...placeProblems('largeDataStore', store.env, own),
  ];
}

function replicationProblems({ archive, encryptionKey, keyPrefix, replication, versioned }: InvocationLogStoreProps): string[] {
  if (archive === undefined) {
    return replication === undefined ? [] : ['replication is given without archive; give both or none'];
  }
  const own = keyPrefixWithoutSlashes(keyPrefix);
  const unknown = Token.isUnresolved(own) || Token.isUnresolved(archive.keyPrefix);
  return [
    ...versioned !== false ? [] : ['versioned is false but archive is given, and S3 replicates versioned buckets only; remove versioned or archive'],
    ...unknown || own === archive.keyPrefix ? [] : [
      `keyPrefix is ${quoted(own)} and that of the archive is ${quoted(archive.keyPrefix)}; replication keeps the keys of objects, so give `
      + 'both the same prefix',
    ],
    ...encryptionKey === undefined || archive.encryptionKey !== undefined ? [] : [
      'encryptionKey is given but the archive has none, and S3 replicates objects encrypted with a customer managed key only under one of '
      + 'the archive; give the archive an encryptionKey too',
    ],
    ...lagThresholdProblems('replication.lagThreshold', replication?.lagThreshold),
  ];
}

function placeProblems(name: string, given: Place, own: Place): string[] {
  return (['account', 'region'] as const)
    .filter(part => !Token.isUnresolved(given[part]) && !Token.isUnresolved(own[part]) && given[part] !== own[part])
    .map(part => `${name} is in ${part} ${JSON.stringify(given[part])} and the store in ${JSON.stringify(own[part])}; `
      + `Bedrock delivers only within an account and Region, so take one of the same ${part}`);
}

function quoted(keyPrefix: string | undefined): string {
  return keyPrefix === undefined ? 'none' : JSON.stringify(keyPrefix);
}
