import { createHash } from 'node:crypto';
import { Token } from 'aws-cdk-lib';
import { COST_AND_USAGE_COLUMNS, type ColumnFlag } from '../private/cost-and-usage-columns';
import type { TimeGranularity } from './time-granularity';

/** The table of AWS Data Exports that holds CUR 2.0. */
export const TABLE = 'COST_AND_USAGE_REPORT';

/** What a user may choose about the content of an export, all decided. */
export interface ExportContent {
  readonly timeGranularity: TimeGranularity;
  readonly flags: Readonly<Record<ColumnFlag, boolean>>;
  readonly billingViewArn?: string;
}

/**
 * The SELECT of an export: every column that its flags allow.
 *
 * A column whose flag is off makes CreateExport fail, and a flag whose column is not named yields nothing, silently: hence one source for
 * both. `SELECT *` is not allowed.
 *
 * @see https://docs.aws.amazon.com/cur/latest/userguide/dataexports-data-query.html
 */
export function renderQuery({ flags }: ExportContent): string {
  const columns = COST_AND_USAGE_COLUMNS
    .filter(column => column.onlyWith === undefined || flags[column.onlyWith])
    .filter(column => column.onlyWithout === undefined || !flags[column.onlyWithout]);
  return `SELECT ${columns.map(column => column.name).join(', ')} FROM ${TABLE}`;
}

/**
 * The table configuration, every key of it: AWS stores its defaults for keys that are left out, which would show as drift.
 */
export function renderTableConfiguration({ timeGranularity, flags, billingViewArn }: ExportContent): Record<string, string> {
  const configuration: Record<string, string> = { TIME_GRANULARITY: timeGranularity };
  for (const [flag, on] of Object.entries(flags)) configuration[flag] = on ? 'TRUE' : 'FALSE';
  if (billingViewArn !== undefined) configuration.BILLING_VIEW_ARN = billingViewArn;
  return configuration;
}

/**
 * Eight hexadecimal digits that change exactly when a setting changes that makes CloudFormation replace the export.
 *
 * A replacement makes the new export before it deletes the old one, so the two must not share a name or a folder. A billing view that is
 * not known at synthesis is left out: it would give a new name every time.
 */
export function contentHash(content: ExportContent): string {
  const settings = Object.entries(renderTableConfiguration(content)).filter(([, value]) => !Token.isUnresolved(value));
  return createHash('sha256').update(settings.map(setting => setting.join('=')).sort().join('\n')).digest('hex').slice(0, 8);
}
