import { Token } from 'aws-cdk-lib';
import { InvocationLogDestination } from './invocation-log-destination';
import type { InvocationLogStoreAttributes, InvocationLogStoreProps } from './invocation-log-store';

/** @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_S3Config.html (read 2026-11-21) */
const LONGEST_KEY_PREFIX = 1024;

/** What is wrong with the properties of a store, one sentence each. */
export function storeProblems(props: InvocationLogStoreProps, destinations: InvocationLogDestination[]): string[] {
  const toS3 = destinations.includes(InvocationLogDestination.S3);
  const toLogs = destinations.includes(InvocationLogDestination.CLOUDWATCH_LOGS);
  const bucketOnly = [
    ...props.bucketName === undefined ? [] : ['bucketName'],
    ...props.keyPrefix === undefined ? [] : ['keyPrefix'],
    ...props.objectExpiration === undefined ? [] : ['objectExpiration'],
    ...props.serverAccessLogsBucket === undefined ? [] : ['serverAccessLogsBucket'],
  ];
  return [
    ...destinations.length > 0 ? [] : [
      'destinations is [], and a configuration without a destination is accepted but delivers nothing; name S3, CLOUDWATCH_LOGS or both',
    ],
    ...toS3 || destinations.length === 0 ? [] : bucketOnly.map(name => `${name} is given but destinations lacks S3; add S3 or remove ${name}`),
    ...toLogs || destinations.length === 0 || props.logRetention === undefined ? [] : [
      'logRetention is given but destinations lacks CLOUDWATCH_LOGS; add CLOUDWATCH_LOGS or remove logRetention',
    ],
    ...keyPrefixProblems(props.keyPrefix),
  ];
}

/** What is wrong with the attributes of an imported store, one sentence each. */
export function importProblems(attributes: InvocationLogStoreAttributes): string[] {
  const { bucket, keyPrefix, logGroup, role } = attributes;
  return [
    ...bucket !== undefined || logGroup !== undefined ? [] : [
      'neither bucket nor logGroup is given, and a configuration without a destination is accepted but delivers nothing; give one or both',
    ],
    ...logGroup === undefined || role !== undefined ? [] : ['logGroup is given without role; Bedrock writes to a log group by a role only, so give both'],
    ...role === undefined || logGroup !== undefined ? [] : ['role is given without logGroup; the role is for the log group only, so give both or none'],
    ...keyPrefix === undefined || bucket !== undefined ? [] : ['keyPrefix is given without bucket; give both or none'],
    ...keyPrefixProblems(keyPrefix),
  ];
}

/** The prefix as the service uses it: `/logs/` means `logs`, and nothing but slashes means none. */
export function keyPrefixWithoutSlashes(keyPrefix: string | undefined): string | undefined {
  if (keyPrefix === undefined || Token.isUnresolved(keyPrefix)) return keyPrefix;
  const bare = keyPrefix.replace(/^\/+|\/+$/g, '');
  return bare === '' ? undefined : bare;
}

function keyPrefixProblems(keyPrefix: string | undefined): string[] {
  if (keyPrefix === undefined || Token.isUnresolved(keyPrefix)) return [];
  return [
    ...keyPrefix.length <= LONGEST_KEY_PREFIX ? [] : [
      `keyPrefix has ${keyPrefix.length} characters; at most ${LONGEST_KEY_PREFIX} are allowed, so shorten it`,
    ],
    ...!/[*?$]/.test(keyPrefix) ? [] : [
      `keyPrefix is ${JSON.stringify(keyPrefix)}; remove *, ? and $, which are wildcards and variables in the bucket policy`,
    ],
  ];
}
