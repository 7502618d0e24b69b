import { Token } from 'aws-cdk-lib';
import { isIsoDate } from '../schema/check-schema';
import type { InsightsQuery } from './invocation-log-query-strings';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-querydefinition.html (read 2026-11-21) */
const LONGEST_NAME = 255;
const LONGEST_QUERY = 10_000;

/** What a query returns at most when it does not say so itself. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Limit.html */
const MOST_ROWS = 10_000;

/** What is wrong with the properties of saved queries, one sentence each. */
export function queriesProblems(folder: string, rowLimit: number, requiredOn: string | undefined): string[] {
  return [
    ...Token.isUnresolved(folder) || /^[^/]+(\/[^/]+)*$/.test(folder) ? [] : [
      `folder is ${JSON.stringify(folder)}; use names joined by "/", with no slash at either end`,
    ],
    ...Token.isUnresolved(rowLimit) || (Number.isInteger(rowLimit) && rowLimit >= 1 && rowLimit <= MOST_ROWS) ? [] : [
      `rowLimit is ${rowLimit}; use a whole number from 1 to ${MOST_ROWS}`,
    ],
    ...requiredOnProblems(requiredOn),
  ];
}

function requiredOnProblems(requiredOn: string | undefined): string[] {
  if (requiredOn === undefined) return [];
  if (Token.isUnresolved(requiredOn)) return ['requiredOn is a token; it decides which queries there are, so give a date that is known at synthesis'];
  return isIsoDate(requiredOn) ? [] : [`requiredOn is ${JSON.stringify(requiredOn)}; use an ISO date such as 2027-01-31`];
}

/** What is wrong with the queries that a schema makes, one sentence each. */
export function queryProblems(folder: string, queries: InsightsQuery[]): string[] {
  return queries.flatMap(({ what, text }) => [
    ...Token.isUnresolved(folder) || folder.length + 1 + what.length <= LONGEST_NAME ? [] : [
      `the name ${JSON.stringify(`${folder}/${what}`)} has ${folder.length + 1 + what.length} characters; at most ${LONGEST_NAME} are allowed, so shorten folder`,
    ],
    ...text.length <= LONGEST_QUERY ? [] : [
      `the query ${JSON.stringify(what)} has ${text.length} characters; at most ${LONGEST_QUERY} are allowed, so drop deprecated keys that nobody sends any more`,
    ],
  ]);
}
