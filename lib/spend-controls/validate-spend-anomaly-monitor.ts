import { Token } from 'aws-cdk-lib';
import type { AttributionSchema } from '../schema';
import type { AnomalyScope } from './anomaly-scope';
import { billedKeyNames, listedValues } from './bill-tags';
import type { SpendAnomalyMonitorProps } from './spend-anomaly-monitor';

/** Values or accounts of one monitor. @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_AnomalyMonitor.html */
const MOST_VALUES = 10;

/** Room for what is appended for the subscriptions, whose names end at 1,024 as well. */
const LONGEST_NAME = 1_000;

/** @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_AnomalySubscription.html */
const MOST_THRESHOLD = 10_000_000_000;

/** Addresses of one subscription. @see https://aws.amazon.com/aws-cost-management/aws-cost-anomaly-detection/faqs/ */
const MOST_EMAILS = 10;

/** @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Subscriber.html */
const LONGEST_ADDRESS = 302;
const ADDRESS = /^[a-zA-Z0-9.!#$%&'*+=?^_{|}~-]+@[a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)+$/;

/** What is wrong with the monitor, one sentence each. What is known at deployment only counts as right. */
export function anomalyMonitorProblems(props: SpendAnomalyMonitorProps): string[] {
  const { monitorName, topic, emails = [], emailFrequency, thresholdUsd, thresholdPercent } = props;
  return [
    ...scopeProblems(props.schema, props.scope),
    ...nameProblems(monitorName),
    ...topic !== undefined || emails.length > 0 ? [] : ['the monitor tells nobody; give topic or emails'],
    ...emailFrequency === undefined || emails.length > 0 ? [] : [
      `emailFrequency is ${JSON.stringify(emailFrequency)} without emails; leave it out, since a topic hears of each anomaly at once`,
    ],
    ...emailsProblems(emails),
    ...thresholdProblems('thresholdUsd', thresholdUsd),
    ...thresholdProblems('thresholdPercent', thresholdPercent),
  ];
}

function nameProblems(monitorName: string | undefined): string[] {
  if (monitorName === undefined || Token.isUnresolved(monitorName)) return [];
  const { length } = monitorName;
  return length >= 1 && length <= LONGEST_NAME ? [] : [`monitorName has ${length} characters; give 1 to ${LONGEST_NAME}`];
}

function scopeProblems(schema: AttributionSchema, anomalyScope: AnomalyScope): string[] {
  const scope = anomalyScope._is;
  switch (scope.kind) {
    case 'tag': return keyProblems(schema, anomalyScope, scope);
    case 'tagValues': return [
      ...keyProblems(schema, anomalyScope, scope),
      ...listProblems('values', scope.values, 'values of the tag'),
      ...unlistedProblems(schema, scope.keyName, scope.values),
    ];
    case 'costCategory': return [
      ...filledProblems('costCategoryName', scope.costCategoryName),
      ...scope.value === undefined ? [] : filledProblems('value', scope.value),
    ];
    case 'accounts': return [
      ...listProblems('accountIds', scope.accountIds, 'ids of accounts'),
      ...Token.isUnresolved(scope.accountIds) ? [] : scope.accountIds.filter(id => !Token.isUnresolved(id) && !/^\d{12}$/.test(id))
        .map(id => `accountIds has ${JSON.stringify(id)}; write the twelve digits of the account`),
    ];
  }
}

function keyProblems(
  schema: AttributionSchema, anomalyScope: AnomalyScope, { keyName, carrier }: { readonly keyName: string; readonly carrier: string },
): string[] {
  const given = `the scope has the key ${JSON.stringify(keyName)}`;
  const known = schema.key(keyName);
  if (known === undefined) return [`${given}, which is not in the schema; use one of ${billedKeyNames(schema).join(', ')}`];
  if (known.deprecatedInFavourOf !== undefined) {
    return [`${given}, which is deprecated in favour of ${known.deprecatedInFavourOf}; use that, with tagKey for the former tag`];
  }
  const tagKey = anomalyScope._tagKey(schema);
  if (tagKey === undefined) return [`${given}, which rides on no tag of a ${carrier}; use another scope, or name tagKey`];
  return filledProblems('tagKey', tagKey);
}

function filledProblems(what: string, text: string): string[] {
  return text === '' ? [`${what} is empty; write it as Cost Explorer does`] : [];
}

function listProblems(what: string, list: string[], wanted: string): string[] {
  if (Token.isUnresolved(list)) return [`${what} is a list that is known at deployment only; write its entries, of which each may be known only then`];
  const doubles = new Set(list.filter((entry, index) => list.indexOf(entry) !== index));
  return [
    ...list.length >= 1 && list.length <= MOST_VALUES ? [] : [`${what} has ${list.length} entries; a monitor takes 1 to ${MOST_VALUES} ${wanted}`],
    ...[...doubles].map(entry => `${what} has ${JSON.stringify(entry)} more than once`),
  ];
}

/** A monitor of a value that the schema forbids never finds anything. */
function unlistedProblems(schema: AttributionSchema, keyName: string, values: string[]): string[] {
  const listed = listedValues(schema.key(keyName));
  if (listed === undefined || Token.isUnresolved(values)) return [];
  return values.filter(value => !Token.isUnresolved(value) && !listed.includes(value))
    .map(value => `values has ${JSON.stringify(value)}, which the schema does not allow for ${keyName}; use one of ${listed.join(', ')}`);
}

function emailsProblems(emails: string[]): string[] {
  if (Token.isUnresolved(emails)) return ['emails is a list that is known at deployment only; write its entries, of which each may be known only then'];
  const doubles = new Set(emails.filter((address, index) => emails.indexOf(address) !== index));
  return [
    ...emails.length <= MOST_EMAILS ? [] : [`emails has ${emails.length} entries; a subscription takes ${MOST_EMAILS}, so give a topic for more`],
    ...[...doubles].map(address => `emails has ${JSON.stringify(address)} more than once`),
    ...emails.filter(address => !Token.isUnresolved(address) && (address.length > LONGEST_ADDRESS || !ADDRESS.test(address)))
      .map(address => `emails has ${JSON.stringify(address)}, which is no address; write name@domain.example, in at most ${LONGEST_ADDRESS} characters`),
  ];
}

function thresholdProblems(what: string, threshold: number | undefined): string[] {
  if (threshold === undefined || Token.isUnresolved(threshold) || (threshold >= 0 && threshold <= MOST_THRESHOLD)) return [];
  return [`${what} is ${threshold}; give a number from 0 to ${MOST_THRESHOLD}`];
}
