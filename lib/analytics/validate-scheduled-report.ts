import { type Duration, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { throwProblems } from '../private/errors';
import type { AttributionSchema } from '../schema';

/** What is validated of a scheduled report. */
export interface ScheduledReportToValidate {
  readonly schema: AttributionSchema;
  readonly by: string[];
  readonly settlingTime: Duration;
  readonly hour: number;
}

/** A report of days that are longer gone is nobody's news. */
const MOST_SETTLING_DAYS = 31;

/** Throws one error that lists everything that is wrong with a scheduled report. */
export function validateScheduledReport({ schema, by, settlingTime, hour }: ScheduledReportToValidate, scope: Construct): void {
  const known = schema.columns().map(({ name }) => name);
  const problems: string[] = [];
  if (!Token.isUnresolved(by)) {
    if (by.length === 0) problems.push('by is empty: name at least one key of the schema');
    problems.push(
      ...by.filter(key => !Token.isUnresolved(key) && !known.includes(key))
        .map(key => `by has ${JSON.stringify(key)}: use keys of the schema, which has ${known.join(', ') || 'none'}`),
      ...new Set(by.filter((key, index) => by.indexOf(key) < index).map(key => `by has ${JSON.stringify(key)} twice: leave one of them out`)),
    );
  }
  if (!settlingTime.isUnresolved()) {
    const days = settlingTime.toDays({ integral: false });
    if (!Number.isInteger(days) || days > MOST_SETTLING_DAYS) {
      problems.push(`settlingTime is ${settlingTime.toHumanString()}: use whole days, ${MOST_SETTLING_DAYS} at most`);
    }
  }
  if (!Token.isUnresolved(hour) && !(Number.isInteger(hour) && hour >= 0 && hour <= 23)) problems.push(`hour is ${hour}: use a whole number from 0 to 23`);
  throwProblems('InvalidScheduledReport', 'the scheduled report', problems, scope);
}
