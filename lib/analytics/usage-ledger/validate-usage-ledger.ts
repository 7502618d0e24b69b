import { type Duration, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { throwProblems } from '../../private/errors';
import type { AttributionCatalog } from '../attribution-catalog';
import { type AttributionTeamCatalog, TeamRows } from '../attribution-team-catalog';
import type { ViewParameters } from '../sql/view-template';
import { ledgerTables } from './ledger-tables';
import { MAX_SLICE_DAYS } from './run-expressions';
import { ledgerStatements, QUARANTINE_LIMIT } from './statements';

/** What is checked about a ledger. */
export interface UsageLedgerToValidate {
  readonly interval: Duration;
  readonly overlapDays: number;
  readonly sliceDays: number;
  readonly billingPeriods: number;
  readonly billInterval: Duration;
  readonly maintenanceHour: number;
  readonly lagThreshold: Duration;
  readonly parameters: ViewParameters;
  readonly catalog: AttributionCatalog;
  readonly teamCatalogs: AttributionTeamCatalog[];
}

/** Longest text of a query. @see https://docs.aws.amazon.com/athena/latest/ug/service-limits.html */
export const MAX_QUERY_BYTES = 262_144;

/** Longest definition of a state machine. @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const MAX_DEFINITION_BYTES = 1_048_576;

/** What a run may add to the text of a query: paths of log objects that are left out, and days. */
const ADDED_BYTES = QUARANTINE_LIMIT * 256 + 8192;

/** Throws when a ledger could not work. */
export function validateUsageLedger(ledger: UsageLedgerToValidate, scope: IConstruct): void {
  throwProblems('InvalidUsageLedger', 'the usage ledger', [
    ...durationProblems('interval', ledger.interval, { minMinutes: 15, maxMinutes: 1440, stepMinutes: 1 }),
    ...ledger.billInterval.isUnresolved() ? ['billInterval is known at deployment only: use a duration that is known at synthesis'] : [],
    ...durationProblems('billInterval', ledger.billInterval, { minMinutes: 60, maxMinutes: 1440, stepMinutes: 60 }),
    ...durationProblems('lagThreshold', ledger.lagThreshold, { minMinutes: 60, stepMinutes: 1 }),
    ...numberProblems('overlapDays', ledger.overlapDays, 0, 14),
    ...numberProblems('backfillSliceDays', ledger.sliceDays, 1, MAX_SLICE_DAYS),
    ...numberProblems('billingPeriods', ledger.billingPeriods, 1, 12),
    ...numberProblems('maintenanceHour', ledger.maintenanceHour, 0, 23),
    ...columnProblems(ledger.parameters),
    ...teamProblems(ledger),
    ...Object.entries(ledgerStatements(ledger.parameters))
      .filter(([, text]) => Buffer.byteLength(JSON.stringify(text)) + ADDED_BYTES > MAX_QUERY_BYTES)
      .map(([name, text]) => `${name} would be a query of ${Buffer.byteLength(JSON.stringify(text))} bytes, beside ${ADDED_BYTES} that a run may add: `
        + `use fewer attribution keys, Athena takes ${MAX_QUERY_BYTES}`),
  ], scope);
}

/** Throws when Step Functions would refuse a definition. */
export function validateDefinition(definition: unknown, scope: IConstruct): void {
  const bytes = Buffer.byteLength(JSON.stringify(definition));
  throwProblems('InvalidUsageLedger', 'the usage ledger', bytes <= MAX_DEFINITION_BYTES ? [] : [
    `its state machine would be a definition of ${bytes} bytes: use fewer attribution keys, Step Functions takes ${MAX_DEFINITION_BYTES}`,
  ], scope);
}

function teamProblems({ catalog, teamCatalogs }: UsageLedgerToValidate): string[] {
  return [...new Set(teamCatalogs)].flatMap((team) => {
    const { path } = team.node;
    return [
      ...team.rows === TeamRows.VIEWS ? [`teamCatalogs has ${path}, which has views: leave it out, or use TeamRows.COPIES`] : [],
      ...team.catalog === catalog ? [] : [`teamCatalogs has ${path}, of another catalog: name it in the ledger of that one`],
      ...teamCatalogs.filter(other => other === team).length > 1 ? [`teamCatalogs has ${path} more than once: keep one`] : [],
    ];
  });
}

interface DurationRange {
  readonly minMinutes: number;
  readonly maxMinutes?: number;
  readonly stepMinutes: number;
}

function durationProblems(name: string, given: Duration, { minMinutes, maxMinutes = Infinity, stepMinutes }: DurationRange): string[] {
  if (given.isUnresolved()) return [];
  const minutes = given.toMinutes({ integral: false });
  if (minutes >= minMinutes && minutes <= maxMinutes && Number.isInteger(minutes / stepMinutes)) return [];
  const range = maxMinutes === Infinity ? `at least ${minMinutes} minutes` : `${minMinutes} to ${maxMinutes} minutes`;
  return [`${name} is ${given.toHumanString()}: use ${range}, in whole ${stepMinutes === 60 ? 'hours' : 'minutes'}`];
}

function numberProblems(name: string, given: number, min: number, max: number): string[] {
  if (Token.isUnresolved(given) || (Number.isInteger(given) && given >= min && given <= max)) return [];
  return [`${name} is ${given}: use a whole number from ${min} to ${max}`];
}

/** A key becomes a column, which no table may have twice. */
function columnProblems(parameters: ViewParameters): string[] {
  return ledgerTables(parameters).flatMap(({ name, columns }) => {
    const names = columns.map(column => column.name);
    return [...new Set(names.filter((column, index) => names.indexOf(column) !== index))]
      .map(column => `the attribution key ${JSON.stringify(column)} is named like another column of ${name}: use another name for the key`);
  });
}
