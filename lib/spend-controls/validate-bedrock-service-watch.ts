import { type Duration, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { bedrockServiceNames } from '../private/bedrock-services';
import { deployedWith } from '../private/outermost-stack';
import type { BedrockServiceWatchProps } from './bedrock-service-watch';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Cost Explorer keeps this many days of daily costs at least. @see https://docs.aws.amazon.com/cost-management/latest/userguide/ce-what-is.html */
const MOST_DAYS = 365;

/** Characters that the target of a rule takes as input. @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html (read 2026-11-21) */
const LONGEST_INPUT = 8_192;

/** What the settings take beside their lists, and the names of the parameter and the stack at their usual length. */
const INPUT_FRAME = 300;

/** What is wrong with the properties, one sentence each. */
export function serviceWatchProblems(scope: IConstruct, props: BedrockServiceWatchProps): string[] {
  const { additionalServiceNames = [], ignoredServiceNames = [] } = props;
  return [
    ...nameProblems('additionalServiceNames', additionalServiceNames),
    ...nameProblems('ignoredServiceNames', ignoredServiceNames),
    ...contradictions(additionalServiceNames, ignoredServiceNames),
    ...durationProblems('checkInterval', props.checkInterval, MINUTE_MS, 1, 'whole minutes, from one to a day'),
    ...durationProblems('lookBack', props.lookBack, DAY_MS, MOST_DAYS, `whole days, from one to ${MOST_DAYS}`),
    ...budgetProblems(scope, props),
    ...sizeProblems(props),
  ];
}

/** The spend is that of the account and the metric has one name per stack, so a stack has room for one construct. */
export function watchProblems(self: IConstruct, isWatch: (construct: IConstruct) => boolean): string[] {
  return deployedWith(self, isWatch)
    .map(other => `${other.node.path} watches the services of the same account from the same stack; keep one of the two, with the budgets of both`);
}

/** What is known of a list at synthesis. */
function knownOf(names: string[]): string[] {
  return Token.isUnresolved(names) ? [] : names.filter(name => !Token.isUnresolved(name));
}

function nameProblems(what: string, names: string[]): string[] {
  const known = knownOf(names);
  return known.flatMap((name, index) => {
    const got = `${what} has ${JSON.stringify(name)}`;
    return [
      ...name.trim() === name && name !== '' ? [] : [`${got}; give the name of a service as Cost Explorer shows it, without spaces around it`],
      ...known.indexOf(name) === index ? [] : [`${got} twice; give it once`],
    ];
  });
}

function contradictions(additional: string[], ignored: string[]): string[] {
  const release = bedrockServiceNames();
  return knownOf(ignored).flatMap(name => [
    ...knownOf(additional).includes(name) ? [
      `additionalServiceNames and ignoredServiceNames both have ${JSON.stringify(name)}; keep it in one of them`,
    ] : [],
    ...release.includes(name) ? [`ignoredServiceNames has ${JSON.stringify(name)}, which is Amazon Bedrock, and in every budget; remove it`] : [],
  ]);
}

function durationProblems(what: string, duration: Duration | undefined, unitMs: number, mostDays: number, allowed: string): string[] {
  if (duration === undefined || duration.isUnresolved()) return [];
  const milliseconds = duration.toMilliseconds();
  return milliseconds >= unitMs && milliseconds <= mostDays * DAY_MS && milliseconds % unitMs === 0
    ? [] : [`${what} is ${duration.toHumanString()}; give ${allowed}`];
}

function budgetProblems(scope: IConstruct, { budgets = [], extendBudgets }: BedrockServiceWatchProps): string[] {
  const { account } = Stack.of(scope);
  return [
    ...extendBudgets !== undefined && budgets.length === 0
      ? [`extendBudgets is ${extendBudgets}, but there are no budgets; give some, or leave it out`] : [],
    ...budgets.flatMap((budget, index) => [
      ...budgets.indexOf(budget) === index ? [] : [`budgets has ${budget.node.path} twice; give it once`],
      ...Token.compareStrings(budget.env.account, account) === TokenComparison.DIFFERENT ? [
        `${budget.node.path} is in account ${JSON.stringify(budget.env.account)} and the watch in ${JSON.stringify(account)}; `
        + 'only the account of a budget can change it, so put a watch there',
      ] : [],
    ]),
  ];
}

function sizeProblems({ additionalServiceNames = [], ignoredServiceNames = [], budgets = [] }: BedrockServiceWatchProps): string[] {
  const names = [...bedrockServiceNames(), ...knownOf(additionalServiceNames), ...knownOf(ignoredServiceNames)];
  // a name of a budget has up to 100 characters, and is often not known before deployment
  const characters = INPUT_FRAME + JSON.stringify(names).length + budgets.length * 103;
  return characters <= LONGEST_INPUT ? [] : [
    `${names.length} names and ${budgets.length} budgets take up to ${characters} characters, but the input of a rule has room for ${LONGEST_INPUT}; `
    + 'give fewer, or watch some of the budgets from another stack',
  ];
}
