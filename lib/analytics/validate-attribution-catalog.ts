import { type Duration, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { throwProblems } from '../private/errors';
import type { InvocationLogSource } from './invocation-log-source';
import type { ViewKey } from './sql/view-template';

/** What is checked about a catalog. */
export interface CatalogToValidate {
  readonly databaseName: string;
  readonly invocationLogs: InvocationLogSource;
  readonly firstBillingPeriod: string;
  readonly attributionOrder: readonly string[];
  readonly settlementWindow: Duration;
  readonly keys: readonly ViewKey[];
  readonly spendKeys: readonly string[];
}

/**
 * Throws when a table would silently read nothing: a wrong partition value or template yields no rows in Athena, not an error.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
 */
export function validateAttributionCatalog(catalog: CatalogToValidate, scope: IConstruct): void {
  const { accounts, regions, firstDay, location } = catalog.invocationLogs;
  throwProblems('InvalidAttributionCatalog', 'the attribution catalog', [
    ...textProblems('databaseName', catalog.databaseName, /^[a-z0-9_]{1,255}$/, '1 to 255 lower-case letters, digits and underscores'),
    ...listProblems('accounts', accounts, /^\d{12}$/, '12 digits'),
    ...listProblems('regions', regions, /^[a-z]{2,4}(-[a-z]+)+-\d+$/, 'a Region name such as us-east-1'),
    ...textProblems('firstDay', firstDay, /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'a day as YYYY-MM-DD'),
    ...textProblems('firstBillingPeriod', catalog.firstBillingPeriod, /^\d{4}-(0[1-9]|1[0-2])$/, 'a month as YYYY-MM'),
    ...textProblems('keyPrefix', location, /^s3:\/\/([^/]+\/)+$/, 'no slash at either end and none twice; it makes the location'),
    ...spendKeyProblems(catalog),
    ...catalog.attributionOrder.length === 0 ? ['attributionOrder is empty: name at least one kind of tag, or no tag of the bill counts'] : [],
    ...windowProblems(catalog.settlementWindow),
  ], scope);
}

function spendKeyProblems({ keys, spendKeys }: CatalogToValidate): string[] {
  const names = keys.map(({ name }) => name);
  return [
    ...spendKeys.filter(name => !names.includes(name)).map(name =>
      `spendKeys has ${JSON.stringify(name)}, which the schema does not have: use ${names.join(', ')}`),
    ...spendKeys.filter((name, index) => spendKeys.indexOf(name) < index).map(name => `spendKeys has ${JSON.stringify(name)} twice: keep one`),
  ];
}

function windowProblems(window: Duration): string[] {
  if (window.isUnresolved() || Number.isInteger(window.toHours({ integral: false }))) return [];
  return [`settlementWindow is ${window.toHumanString()}: use whole hours`];
}

function textProblems(name: string, value: string, pattern: RegExp, allowed: string): string[] {
  if (Token.isUnresolved(value) || pattern.test(value)) return [];
  return [`${name} is ${JSON.stringify(value)}: use ${allowed}`];
}

function listProblems(name: string, values: string[], pattern: RegExp, allowed: string): string[] {
  if (Token.isUnresolved(values)) return [];
  if (values.length === 0) return [`${name} is empty: name at least one, for a table without ${name} reads nothing`];
  const duplicates = values.filter((value, index) => values.indexOf(value) !== index);
  return [
    ...values.flatMap((value, index) => textProblems(`${name}[${index}]`, value, pattern, allowed)),
    ...duplicates.map(value => `${name} has ${JSON.stringify(value)} twice: its records would be read twice; remove one`),
  ];
}
