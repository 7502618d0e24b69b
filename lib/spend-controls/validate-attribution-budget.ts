import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { Carrier, type AttributionSchema, type Problem } from '../schema';
import type { AttributionBudgetProps } from './attribution-budget';
import { billedKeyNames, billTags, listedValues } from './bill-tags';
import { LONGEST_BEGINNING } from './budget-name';
import type { BudgetNotification } from './budget-notification';
import { BudgetPeriod } from './budget-period';
import type { BudgetKeyOptions, BudgetScope } from './budget-scope';
import { budgetTopicProblems } from './budget-topic';
import { emailsProblems, listProblem, thresholdProblems } from './validate-budget-notices';

/** @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CreateBudget.html */
const MOST_NOTIFICATIONS = 10;

/** @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_HistoricalOptions.html */
const MOST_PERIODS: Record<BudgetPeriod, number> = { DAILY: 60, MONTHLY: 12, QUARTERLY: 4, ANNUALLY: 1 };

/** @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_ExpressionDimensionValues.html */
const LONGEST_VALUE = 1024;

/** What is checked about a budget: its properties, with the defaults in their place. */
export type BudgetToCheck = AttributionBudgetProps & {
  readonly notifications: BudgetNotification[];
  readonly period: BudgetPeriod;
};

/** All that is wrong with a budget. What is known at deployment only counts as right. */
export function budgetProblems(budget: IConstruct, props: BudgetToCheck): string[] {
  return [
    ...scopeProblems(props.schema, props.scope),
    ...limitProblems(props),
    ...nameProblems(props.budgetName),
    ...serviceProblems(props.additionalServiceNames ?? []),
    ...notificationsProblems(props),
    ...subscriberProblems(budget, props),
  ];
}

function scopeProblems(schema: AttributionSchema, { _is: scope }: BudgetScope): string[] {
  switch (scope.kind) {
    case 'total': return [];
    case 'costCategory': return [
      ...filledProblems('costCategoryName', scope.costCategoryName),
      ...filledProblems('value', scope.value),
    ];
    case 'unattributed': return [...keyProblems(schema, scope), ...unlistedProblems(schema, scope)];
    case 'keyValue': return [
      ...keyProblems(schema, scope),
      ...filledProblems('value', scope.value),
      ...Token.isUnresolved(scope.value) || scope.value === '' ? [] : valueProblems(schema, scope.keyName, scope.value),
    ];
  }
}

function keyProblems(schema: AttributionSchema, { keyName, options }: { keyName: string; options: BudgetKeyOptions }): string[] {
  const { principal, resource } = billTags(schema, keyName);
  const { principalTags = principal, resourceTags = resource } = options;
  const lists = [['principalTags', principalTags], ['resourceTags', resourceTags]] as const;
  const known = schema.key(keyName);
  if (known === undefined || lists.every(([, tags]) => tags.length === 0)) {
    const why = known === undefined ? 'is not in the schema'
      : known.deprecatedInFavourOf !== undefined ? `is deprecated in favour of ${known.deprecatedInFavourOf}, which reads it too`
        : 'rides on no tag, so that no bill tells it';
    return [`the key ${JSON.stringify(keyName)} ${why}; use one of ${billedKeyNames(schema).join(', ')}`];
  }
  return lists.flatMap(([name, tags]) => tags.filter(key => key === '').map(() => `${name} has an empty tag; write tags as Cost Explorer does, or leave it out`));
}

/** Budgets can be asked for the values of a tag, and not for whether it has any. */
function unlistedProblems(schema: AttributionSchema, { keyName, options }: { keyName: string; options: BudgetKeyOptions }): string[] {
  const key = schema.key(keyName);
  if (key === undefined || listedValues(key) !== undefined || options.untaggedMatch !== undefined) return [];
  return [
    `the key ${JSON.stringify(keyName)} lists no values, and Budgets cannot be asked for lines that have none; make an AttributionCostCategory of the key `
    + 'and use BudgetScope.costCategoryValue() with its name and default value, list the values in the schema, or give untaggedMatch',
  ];
}

/** A budget of a value that the schema forbids stays at zero for ever. */
function valueProblems(schema: AttributionSchema, keyName: string, value: string): string[] {
  const key = schema.key(keyName);
  if (key === undefined) return [];
  const carriers = [Carrier.PRINCIPAL_TAG, Carrier.SESSION_TAG, Carrier.RESOURCE_TAG].filter(carrier => key.ridesOn(carrier));
  const found = carriers.map(carrier => checkTag(schema, carrier, key.spelling(carrier), value));
  // what one of the carriers can hold may be on the bill
  return found.some(problems => problems.length === 0) ? [] : found.slice(0, 1).flatMap(problems => problems.map(({ message }) => message));
}

function checkTag(schema: AttributionSchema, carrier: Carrier, spelling: string, value: string): Problem[] {
  const tags = { [spelling]: value };
  const problems = carrier === Carrier.RESOURCE_TAG ? schema.validateResourceTags(tags)
    : carrier === Carrier.SESSION_TAG ? schema.validateSessionTags(tags) : schema.validatePrincipalTags(tags);
  // other keys that the schema requires are no matter of this budget
  return problems.filter(({ code }) => code !== 'missingKey');
}

function limitProblems({ limitUsd, autoAdjust, period }: BudgetToCheck): string[] {
  if (limitUsd === undefined && autoAdjust === undefined) return ['there is no limit; give limitUsd, or autoAdjust for one that AWS sets'];
  const periods = autoAdjust?.lookBackPeriods;
  const most = MOST_PERIODS[period];
  return [
    ...limitUsd === undefined || autoAdjust === undefined ? [] : [
      `limitUsd is ${JSON.stringify(limitUsd)} beside autoAdjust, which sets the limit itself; leave one of them out`,
    ],
    ...limitUsd === undefined || Token.isUnresolved(limitUsd) || (Number.isFinite(limitUsd) && limitUsd > 0) ? [] : [
      `limitUsd is ${limitUsd}; give US dollars above 0`,
    ],
    ...periods === undefined || Token.isUnresolved(periods) || (Number.isInteger(periods) && periods >= 1 && periods <= most) ? [] : [
      `autoAdjust looks back ${periods} periods; give a whole number from 1 to ${most}, which is the most for ${period} budgets`,
    ],
  ];
}

function nameProblems(budgetName: string | undefined): string[] {
  if (budgetName === undefined || Token.isUnresolved(budgetName)) return [];
  const isAllowed = budgetName.length >= 1 && budgetName.length <= LONGEST_BEGINNING
    && !/[:\\]|\/action\/|<script>.*<\/script>/i.test(budgetName);
  return isAllowed ? [] : [
    `budgetName is ${JSON.stringify(budgetName)}; use 1 to ${LONGEST_BEGINNING} characters without ":", "\\" and "/action/" (nine more are appended)`,
  ];
}

function serviceProblems(names: string[]): string[] {
  if (Token.isUnresolved(names)) return [listProblem('additionalServiceNames')];
  return names.flatMap(name => filledProblems('an entry of additionalServiceNames', name));
}

function filledProblems(what: string, text: string): string[] {
  return Token.isUnresolved(text) || (text.length >= 1 && text.length <= LONGEST_VALUE) ? [] : [
    `${what} is ${JSON.stringify(text)}; give 1 to ${LONGEST_VALUE} characters, as Cost Explorer shows it`,
  ];
}

function notificationsProblems({ notifications, period }: BudgetToCheck): string[] {
  const names = notifications.map(({ notificationType, unit, threshold }) => `${notificationType} ${unit} ${threshold}`);
  const doubles = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  const forecasts = notifications.filter(({ notificationType }) => notificationType === 'FORECASTED');
  return [
    ...notifications.length <= MOST_NOTIFICATIONS ? [] : [
      `notifications has ${notifications.length} entries; a budget takes ${MOST_NOTIFICATIONS}`,
    ],
    ...[...doubles].map(name => `notifications has ${name} more than once; name all who are told in one of them`),
    ...forecasts.length === 0 || period !== BudgetPeriod.DAILY ? [] : [
      `notifications has ${forecasts.length} of a forecast, which AWS does not make for days; use a longer period, or actual spend`,
    ],
    ...notifications.flatMap(({ unit, threshold }) => thresholdProblems('the threshold of a notification', unit, threshold)),
  ];
}

function subscriberProblems(budget: IConstruct, props: BudgetToCheck): string[] {
  const told = props.notifications.map(notification => notification._subscribers(props));
  const topics = [...new Set([props.topic, ...told.map(({ topic }) => topic)])];
  const lists = [...new Set([props.emails ?? [], ...props.notifications.map(({ options }) => options.emails ?? [])])];
  const silent = told.filter(({ topic, emails }) => topic === undefined && !Token.isUnresolved(emails) && emails.length === 0);
  return [
    ...silent.length === 0 ? [] : [
      `${silent.length} of the notifications tell nobody; give topic or emails, or notifications: [] for a budget that only shows`,
    ],
    ...topics.flatMap(topic => budgetTopicProblems(topic, budget)),
    ...lists.flatMap(emailsProblems),
  ];
}
