import { renderView, type ViewParameters } from '../analytics/sql/view-template';
import { compactSql } from '../private/compact-sql';
import { packageText } from '../private/package-file';
import { atRunTime } from '../private/run-time-text';

/** The statements of a closing, each with places for what is known only when it runs: `period` (`2026-10`) and `closed_at`. */
export interface ClosingStatements {
  /** Whether the month is settled and adds up. */
  readonly check: string;
  /** Writes its statement, unless it is closed. */
  readonly freeze: string;
  /** Whether what was written adds up. */
  readonly checkFrozen: string;
  /** What the bill now tells otherwise of months before. */
  readonly changes: string;
}

/** The statements of a closing: the same text for Athena and Trino. */
export function closingStatements(parameters: ViewParameters): ClosingStatements {
  const fill = (name: string, values: Readonly<Partial<Record<string, string>>> = {}): string =>
    compactSql(renderView(packageText('lib', 'analytics', 'sql', 'closing', `${name}.sql`), parameters))
      // each place once: what was filled in is data, braces included
      .replace(/\{(statement|period|closed_at)\}/g, (_, place: string) => values[place] ?? atRunTime(place));
  const statement = fill('statement');
  const frozen = `SELECT * FROM closing_statements WHERE billing_period = '${atRunTime('period')}'`;
  return {
    check: fill('check', { statement }),
    freeze: fill('freeze', { statement }),
    checkFrozen: fill('check', { statement: frozen }),
    changes: fill('changes'),
  };
}
