import { type Duration, type Stack, Token } from 'aws-cdk-lib';
import type { IInvocationLogArchive, InvocationLogArchiveAttributes, InvocationLogArchiveProps } from './invocation-log-archive';
import type { ArchivedAccounts } from './invocation-log-archived-accounts';
import { keyPrefixProblems } from './invocation-log-key-prefix';
import { lifecycleProblems } from './invocation-log-lifecycle';
import type { InvocationLogReplicationLagAlarmProps } from './invocation-log-replication-lag-alarm';

const ACCOUNT = /^\d{12}$/;

/**
 * How many principals go into a bucket policy, which has at most 20 KB.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html (read 2026-11-21)
 */
const MOST_ACCOUNTS = 400;

/** @see https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html (read 2026-11-21) */
const ORGANIZATION = /^o-[a-z0-9]{10,32}$/;

/** What is wrong with the properties of an archive, one sentence each. */
export function archiveProblems(props: InvocationLogArchiveProps): string[] {
  return [...sourcesProblems(props.sources), ...keyPrefixProblems(props.keyPrefix), ...lifecycleProblems(props)];
}

/** What is wrong with the attributes of an imported archive, one sentence each. */
export function archiveImportProblems({ account, keyPrefix }: InvocationLogArchiveAttributes): string[] {
  return [...accountProblems('account', account), ...keyPrefixProblems(keyPrefix)];
}

/** What is wrong with the properties of a lag alarm, one sentence each. */
export function lagAlarmProblems(props: InvocationLogReplicationLagAlarmProps, archive: IInvocationLogArchive, stack: Stack): string[] {
  return [
    ...!differ(stack.region, archive.env.region) ? [] : [
      `the stack is in region ${JSON.stringify(stack.region)} and the archive in ${JSON.stringify(archive.env.region)}; S3 publishes the lag `
      + 'in the Region of the archive only, so put the alarm into a stack there',
    ],
    ...!differ(stack.account, props.store.env.account) ? [] : [
      `the stack is in account ${JSON.stringify(stack.account)} and the store in ${JSON.stringify(props.store.env.account)}; S3 publishes the `
      + 'lag in the account of the store, so put the alarm into a stack there',
    ],
    ...lagThresholdProblems('lagThreshold', props.lagThreshold),
  ];
}

/** What is wrong with a threshold, one sentence each. */
export function lagThresholdProblems(name: string, threshold: Duration | undefined): string[] {
  if (threshold === undefined || threshold.isUnresolved()) return [];
  const seconds = threshold.toSeconds({ integral: false });
  return Number.isInteger(seconds) && seconds >= 60 ? [] : [`${name} is ${seconds} seconds; give whole seconds, at least 60`];
}

function sourcesProblems({ accounts, organizationId }: ArchivedAccounts): string[] {
  if (accounts === undefined) {
    return organizationId === undefined || Token.isUnresolved(organizationId) || ORGANIZATION.test(organizationId) ? [] : [
      `the organization is ${JSON.stringify(organizationId)}; give its id, such as "o-a1b2c3d4e5"`,
    ];
  }
  if (Token.isUnresolved(accounts)) {
    return ['the accounts are a list that is known only at deployment, and a policy cannot be made of it; name them one by one or take the organization'];
  }
  return [
    ...accounts.length > 0 ? [] : ['no account is named; name at least one or take the organization'],
    ...accounts.length <= MOST_ACCOUNTS ? [] : [
      `${accounts.length} accounts are named; at most ${MOST_ACCOUNTS} fit into a bucket policy, so take the organization`,
    ],
    ...accounts.flatMap(account => accountProblems('an account', account)),
  ];
}

function accountProblems(name: string, account: string): string[] {
  return Token.isUnresolved(account) || ACCOUNT.test(account) ? [] : [`${name} is ${JSON.stringify(account)}; give 12 digits`];
}

function differ(one: string, other: string): boolean {
  return !Token.isUnresolved(one) && !Token.isUnresolved(other) && one !== other;
}
