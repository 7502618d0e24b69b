import { Token } from 'aws-cdk-lib';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html (read 2026-11-21) */
const LONGEST_KEY_BYTES = 1_024;

/** What Bedrock appends to the prefix, at its longest: `/AWSLogs/…/data/<request id>_output.json.gz`, with some room. */
const APPENDED_BYTES = 160;

/** The prefix as the service uses it: `/logs/` means `logs`, and nothing but slashes means none. */
export function keyPrefixWithoutSlashes(keyPrefix: string | undefined): string | undefined {
  if (keyPrefix === undefined || Token.isUnresolved(keyPrefix)) return keyPrefix;
  const bare = keyPrefix.replace(/^\/+|\/+$/g, '');
  return bare === '' ? undefined : bare;
}

/**
 * The folder of the logs of one account, with a slash at its end.
 *
 * @param keyPrefix without slashes at its ends
 * @param account 12 digits, a token or a policy variable
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
 */
export function logFolder(keyPrefix: string | undefined, account: string): string {
  return `${keyPrefix === undefined ? '' : `${keyPrefix}/`}AWSLogs/${account}/BedrockModelInvocationLogs/`;
}

/** What is wrong with a prefix, one sentence each. */
export function keyPrefixProblems(keyPrefix: string | undefined): string[] {
  const bare = keyPrefixWithoutSlashes(keyPrefix);
  if (bare === undefined || Token.isUnresolved(bare)) return [];
  const bytes = Buffer.byteLength(bare);
  return [
    ...bytes <= LONGEST_KEY_BYTES - APPENDED_BYTES ? [] : [
      `keyPrefix has ${bytes} bytes; at most ${LONGEST_KEY_BYTES - APPENDED_BYTES} are allowed, because the key of an object has at most `
      + `${LONGEST_KEY_BYTES} and Bedrock appends up to ${APPENDED_BYTES}, so shorten it`,
    ],
    ...!/[*?$]/.test(bare) ? [] : [
      `keyPrefix is ${JSON.stringify(keyPrefix)}; remove *, ? and $, which are wildcards and variables in the bucket policy`,
    ],
  ];
}
