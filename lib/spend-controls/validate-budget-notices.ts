import { Token } from 'aws-cdk-lib';

/** @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_NotificationWithSubscribers.html */
const MOST_EMAILS = 10;

/** @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Notification.html */
const MOST_PERCENT = 1_000_000;
const MOST_USD = 15_000_000_000_000;

/** What is wrong with the point at which somebody is told, or an action is due. */
export function thresholdProblems(what: string, unit: string, threshold: number): string[] {
  const [most, noun] = unit === 'PERCENTAGE' ? [MOST_PERCENT, 'percent'] : [MOST_USD, 'US dollars'];
  return Token.isUnresolved(threshold) || (threshold > 0 && threshold <= most) ? [] : [
    `${what} is ${threshold} ${noun}; give more than 0 and at most ${most}`,
  ];
}

/** What is wrong with the addresses of those who are told. */
export function emailsProblems(emails: string[]): string[] {
  if (Token.isUnresolved(emails)) return [listProblem('emails')];
  const doubles = new Set(emails.filter((address, index) => emails.indexOf(address) !== index));
  return [
    ...emails.length <= MOST_EMAILS ? [] : [`emails has ${emails.length} entries; at most ${MOST_EMAILS} are told, so give a topic for more`],
    ...[...doubles].map(address => `emails has ${JSON.stringify(address)} more than once`),
    ...emails.filter(address => !Token.isUnresolved(address) && !/^[^\s@]+@[^\s@]+$/.test(address))
      .map(address => `emails has ${JSON.stringify(address)}, which is no address; write name@domain`),
  ];
}

/** A template cannot make one entry out of each entry of such a list. */
export function listProblem(name: string): string {
  return `${name} is a list that is known at deployment only; write its entries, of which each may be known only then`;
}
