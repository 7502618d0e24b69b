import { type Duration, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { throwProblems } from '../private/errors';
import type { InvocationLogSource } from './invocation-log-source';
import type { SharedCostRule, ViewKey } from './sql/view-template';

/** What is checked about a catalog. */
export interface CatalogToValidate {
  readonly databaseName: string;
  readonly invocationLogs: InvocationLogSource;
  readonly firstBillingPeriod: string;
  readonly attributionOrder: readonly string[];
  readonly settlementWindow: Duration;
  readonly sharedCosts: readonly SharedCostRule[];
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
    ...catalog.sharedCosts.flatMap((rule, index) => sharedCostProblems(rule, index, catalog)),
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

function sharedCostProblems(rule: SharedCostRule, index: number, { sharedCosts, spendKeys }: CatalogToValidate): string[] {
  const { key, source, targets } = rule;
  const subject = `sharedCosts[${index}]`;
  const ofKey = sharedCosts.filter(other => other.key === key);
  const names = (targets ?? []).map(({ target }) => target);
  const total = (targets ?? []).reduce((sum, { weight }) => sum + weight, 0);
  const problems: string[] = [];
  if (!spendKeys.includes(key)) problems.push(`${subject}.key is ${JSON.stringify(key)}: use one of the spendKeys, ${spendKeys.join(', ')}`);
  if (source === '') problems.push(`${subject}.source is empty: name the value whose costs are shared`);
  if (sharedCosts.findIndex(other => other.key === key && other.source === source) < index) {
    problems.push(`${subject} shares ${key} ${JSON.stringify(source)} once more: keep one rule for it`);
  }
  if (targets?.length === 0) problems.push(`${subject} names nobody who takes a share: name somebody, or leave it out for everybody`);
  for (const name of names.filter(target => ofKey.some(other => other.source === target))) {
    problems.push(`${subject} gives a share to ${JSON.stringify(name)}, whose costs are shared themselves: name values that are not`);
  }
  for (const name of names.filter((target, at) => names.indexOf(target) < at)) problems.push(`${subject} names ${JSON.stringify(name)} twice: keep one`);
  if (rule.method !== 'fixed') return problems;
  for (const { target, weight } of (targets ?? []).filter(share => !(share.weight > 0))) {
    problems.push(`${subject} gives ${JSON.stringify(target)} ${weight} percent: use more than 0`);
  }
  if (Math.abs(total - 100) > 1e-6) problems.push(`the percentages of ${subject} add up to ${total}: let them add up to 100`);
  return problems;
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
