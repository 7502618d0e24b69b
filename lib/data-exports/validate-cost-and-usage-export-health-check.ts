import { type Duration, Token, TokenComparison } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { throwProblems } from '../private/errors';

/** What is checked about a health check. */
export interface HealthCheckToValidate {
  /** Account of the export. */
  readonly exportAccount: string;
  /** Account of the health check. */
  readonly account: string;
  readonly exportNames: string[];
  readonly checkInterval: Duration;
  readonly maxDeliveryAge: Duration;
  readonly lookForUnreadExports: boolean;
  readonly otherExportNames?: string[];
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Throws when the health check could not work, or could not mean anything. */
export function validateHealthCheck(given: HealthCheckToValidate, scope: IConstruct): void {
  throwProblems('InvalidCostAndUsageExportHealthCheck', 'the health check of the cost and usage export', [
    ...placeProblems(given), ...durationProblems(given), ...nameProblems(given),
  ], scope);
}

function placeProblems({ exportAccount, account }: HealthCheckToValidate): string[] {
  if (Token.compareStrings(exportAccount, account) !== TokenComparison.DIFFERENT) return [];
  return [`the export is in account ${JSON.stringify(exportAccount)} and its health check in ${JSON.stringify(account)}; `
    + 'Data Exports tells the account of an export only, so put the health check into a stack of that account'];
}

/** The upper limit is that of the period of an alarm; the lower one of the age is how often an export is refreshed. */
function durationProblems({ checkInterval, maxDeliveryAge }: HealthCheckToValidate): string[] {
  const problems: string[] = [];
  if (!checkInterval.isUnresolved() && !isWholeMinutesUpToADay(checkInterval.toMilliseconds())) {
    problems.push(`checkInterval is ${checkInterval.toHumanString()}; give whole minutes, from 1 minute to 1 day`);
  }
  if (!maxDeliveryAge.isUnresolved() && maxDeliveryAge.toMilliseconds() < DAY) {
    problems.push(`maxDeliveryAge is ${maxDeliveryAge.toHumanString()}; give at least 1 day, since an export may be refreshed no more often than that`);
  }
  return problems;
}

function isWholeMinutesUpToADay(milliseconds: number): boolean {
  return milliseconds % MINUTE === 0 && milliseconds >= MINUTE && milliseconds <= DAY;
}

function nameProblems({ exportNames, lookForUnreadExports, otherExportNames }: HealthCheckToValidate): string[] {
  if (otherExportNames === undefined || Token.isUnresolved(otherExportNames)) return [];
  if (!lookForUnreadExports) {
    return [`otherExportNames is ${JSON.stringify(otherExportNames)} while lookForUnreadExports is false; leave one of them out`];
  }
  return otherExportNames.flatMap((name, index) => [
    ...Token.isUnresolved(name) || /^[0-9A-Za-z_-]{1,128}$/.test(name) ? [] : [
      `otherExportNames[${index}] is ${JSON.stringify(name)}; give the name of an export: 1 to 128 letters, digits, hyphens and underscores`,
    ],
    ...Token.isUnresolved(exportNames) || !exportNames.includes(name) ? [] : [
      `otherExportNames[${index}] is ${JSON.stringify(name)}, which is a name of the export itself; leave it out, its data is read`,
    ],
  ]);
}
