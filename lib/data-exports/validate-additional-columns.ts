import { Token } from 'aws-cdk-lib';
import { COST_AND_USAGE_COLUMNS, COST_AND_USAGE_PARTITIONS, type ColumnFlag } from '../private/cost-and-usage-columns';
import { isAthenaType } from './athena-type';
import { isExported } from './export-query';

/** Which flags an export has on. */
type Flags = Readonly<Record<ColumnFlag, boolean>>;

/** The property that stands for a flag. */
const PROPERTIES: Readonly<Record<ColumnFlag, string>> = {
  INCLUDE_CAPACITY_RESERVATION_DATA: 'includeCapacityReservationData',
  INCLUDE_IAM_PRINCIPAL_DATA: 'includeIamPrincipalData',
  INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY: 'includeManualDiscountCompatibility',
  INCLUDE_RESOURCES: 'includeResources',
  INCLUDE_SPLIT_COST_ALLOCATION_DATA: 'includeSplitCostAllocationData',
};

/** Words with which the SELECT of an export goes on, so that no column can be called so. */
const KEYWORDS = ['and', 'as', 'from', 'limit', 'or', 'select', 'where'];

/**
 * What is wrong with columns that stand beside those of the catalogue.
 *
 * @param columns column names to Athena types
 * @param flags the flags of the export, where they are known
 * @see https://docs.aws.amazon.com/cur/latest/userguide/dataexports-data-query.html
 */
export function additionalColumnProblems(columns: Readonly<Record<string, string>>, flags?: Flags): string[] {
  return Object.entries(columns).flatMap(([name, type]) => {
    const problems = [Token.isUnresolved(name) ? undefined : nameProblem(name, flags), typeProblem(name, type)];
    return problems.filter(problem => problem !== undefined);
  });
}

function nameProblem(name: string, flags?: Flags): string | undefined {
  const given = `additionalColumns has ${JSON.stringify(name)}`;
  if (!/^[a-z_][a-z0-9_]{0,254}$/.test(name) || KEYWORDS.includes(name)) {
    return `${given}: use the name of a column, up to 255 lower-case letters, digits and underscores and no keyword of SQL`;
  }
  if (COST_AND_USAGE_PARTITIONS.some(partition => partition === name)) return `${given}: leave it out, the table has a partition of that name`;
  const column = COST_AND_USAGE_COLUMNS.find(known => known.name === name);
  if (column === undefined) return undefined;
  if (flags === undefined) return `${given}: leave it out, the table has it already`;
  if (isExported(column, flags)) return `${given}: leave it out, it is exported already`;
  const conditions = [
    ...column.onlyWith === undefined ? [] : [`${PROPERTIES[column.onlyWith]}: true`],
    ...column.onlyWithout === undefined ? [] : [`${PROPERTIES[column.onlyWithout]}: false`],
  ];
  return `${given}: leave it out, the export has that column with ${conditions.join(' and ')} only, and then by itself`;
}

function typeProblem(name: string, type: string): string | undefined {
  if (Token.isUnresolved(type) || isAthenaType(type)) return undefined;
  return `additionalColumns gives ${JSON.stringify(name)} the type ${JSON.stringify(type)}: use a type of Athena tables in lower case and without `
    + 'blanks, such as string, double, timestamp, decimal(20,10) or map<string,string>';
}
