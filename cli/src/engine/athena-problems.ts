import type { QueryExecutionStatus } from '@aws-sdk/client-athena';
import { Interrupted, UsageError } from '../usage-error';

/** Where queries are sent, for words about what went wrong there. */
export interface AthenaPlace {
  readonly workgroup: string;
  readonly database: string;
}

/** What a failure calls for, by what Athena or the SDK says: the first that fits. */
const ADVICE: readonly { readonly when: RegExp; readonly advice: (place: AthenaPlace) => string }[] = [
  {
    when: /bytes scanned limit/i,
    advice: ({ workgroup }) => `ask for a shorter period, or raise the limit of the workgroup ${workgroup}`,
  },
  {
    when: /workgroup .*(not found|disabled)|WorkGroup is not found/i,
    advice: ({ workgroup }) => `${JSON.stringify(workgroup)} is no workgroup in use there: check --workgroup, --region and --profile`,
  },
  {
    when: /COLUMN_NOT_FOUND|Column '.*' cannot be resolved/i,
    advice: () => 'the deployed views have no such column: deploy them with the schema that has the key, or ask by other keys',
  },
  {
    when: /(SCHEMA|DATABASE|TABLE|CATALOG)_NOT_FOUND|EntityNotFound|(table|schema|database) .*does not exist/i,
    advice: ({ database }) => `check --database ${database}, and that the catalog is deployed in this account and Region and its ledger has run once`,
  },
  {
    when: /credential|security token|UnrecognizedClient|ExpiredToken|InvalidSignature|SSO session/i,
    advice: () => 'sign in again (aws sso login), or name a profile that works with --profile',
  },
  { when: /region is missing/i, advice: () => 'give --region, or set AWS_REGION' },
  {
    when: /access ?denied|not authorized|insufficient (permissions|lake formation)|forbidden/i,
    advice: ({ workgroup, database }) => `the caller needs to run queries in the workgroup ${workgroup} and to read the database ${database} and its data`,
  },
  { when: /TooManyRequests|throttl|rate exceeded|exhausted resources/i, advice: () => 'try again later' },
  { when: /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN/, advice: () => 'check the network and --region' },
];

/** What went wrong while Athena was asked, for a person. */
export function requestProblem(error: unknown, place: AthenaPlace): Error {
  if (error instanceof UsageError) return error;
  const { name, message, code } = error as Error & { code?: string };
  if (name === 'AbortError') return new Interrupted('the queries were stopped');
  // a refused connection can come as several errors in one, which has no message of its own
  return new UsageError(`Athena cannot be asked: ${withAdvice(message === '' ? code ?? name : message, `${name} ${code ?? ''}`, place)}`);
}

/** Why a query did not succeed, for a person. */
export function queryProblem(status: QueryExecutionStatus, place: AthenaPlace): UsageError {
  const reason = status.StateChangeReason ?? status.AthenaError?.ErrorMessage ?? 'no reason is given';
  return new UsageError(`Athena ${status.State === 'CANCELLED' ? 'cancelled' : 'failed'} the query: ${withAdvice(reason, '', place)}`);
}

function withAdvice(reason: string, name: string, place: AthenaPlace): string {
  const sentence = reason.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
  const found = ADVICE.find(({ when }) => when.test(`${name} ${sentence}`));
  return found ? `${sentence}; ${found.advice(place)}` : sentence;
}
