import { createHash } from 'node:crypto';
import { Token } from 'aws-cdk-lib';
import { COST_AND_USAGE_COLUMNS, type ColumnFlag, type CostAndUsageColumn } from '../private/cost-and-usage-columns';
import type { TimeGranularity } from './time-granularity';

/** The table of AWS Data Exports that holds CUR 2.0. */
export const TABLE = 'COST_AND_USAGE_REPORT';

/** What a user may choose about the content of an export, all decided. */
export interface ExportContent {
  readonly timeGranularity: TimeGranularity;
  readonly flags: Readonly<Record<ColumnFlag, boolean>>;
  /** Columns that the catalogue does not know, with their Athena types. */
  readonly additionalColumns: Readonly<Record<string, string>>;
  readonly billingViewArn?: string;
}

/**
 * Whether a column of the catalogue exists under these flags.
 *
 * A column whose flag is off makes CreateExport fail, and a flag whose column is not named yields nothing, silently: hence one source for
 * both.
 */
export function isExported(column: CostAndUsageColumn, flags: ExportContent['flags']): boolean {
  return (column.onlyWith === undefined || flags[column.onlyWith]) && (column.onlyWithout === undefined || !flags[column.onlyWithout]);
}

/**
 * The SELECT of an export: every column of the catalogue that its flags allow, and the additional ones. `SELECT *` is not allowed.
 *
 * @see https://docs.aws.amazon.com/cur/latest/userguide/dataexports-data-query.html
 */
export function renderQuery({ flags, additionalColumns }: ExportContent): string {
  const columns = COST_AND_USAGE_COLUMNS.filter(column => isExported(column, flags)).map(({ name }) => name);
  return `SELECT ${[...columns, ...Object.keys(additionalColumns)].join(', ')} FROM ${TABLE}`;
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
 * Eight hexadecimal digits that change exactly when the table configuration changes.
 *
 * CloudFormation documents that a changed table configuration replaces the export, and a replacement makes the new export before it deletes
 * the old one, so the two must not share a name or a folder. The query is left out: it is changed in place. A billing view that is not
 * known at synthesis is left out too: it would give a new name every time.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-bcmdataexports-export-dataquery.html
 */
export function contentHash(content: ExportContent): string {
  const settings = Object.entries(renderTableConfiguration(content)).filter(([, value]) => !Token.isUnresolved(value));
  return createHash('sha256').update(settings.map(setting => setting.join('=')).sort().join('\n')).digest('hex').slice(0, 8);
}
