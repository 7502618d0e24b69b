import { BudgetsClient } from '@aws-sdk/client-budgets';
import { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { RUNBOOK_VARIABLE, STACK_DIMENSION, TOPIC_VARIABLE } from '../../private/handlers/constants';
import { embeddedMetrics } from '../../private/handlers/embedded-metrics.lambda-shared';
import { type Notice, notifier } from '../../private/handlers/notifier.lambda-shared';
import { messageOf } from '../../private/handlers/passing-errors.lambda-shared';
import { CLIENT_OPTIONS, logLine, REAL_TIME } from '../../private/handlers/real-world.lambda-shared';
import type { Timing } from '../../private/handlers/retry.lambda-shared';
import {
  type PublishedServices, SERVICE_WATCH_RETRY_BUDGET_SECONDS, SERVICE_WATCH_SETTINGS, SERVICE_WATCH_STACK_VARIABLE,
  type ServiceWatchSettings, UNKNOWN_SERVICES_METRIC,
} from './constants';
import { patiently, type Patience } from './patience.lambda-shared';
import { readPublished, writePublished } from './published-services.lambda-shared';
import { billedServices, type BudgetsReport, extendBudgets, knownServices } from './watch-services.lambda-shared';

/** The world around the service watch. */
export interface ServiceWatchWorld {
  readonly costExplorer: CostExplorerClient;
  readonly budgets: BudgetsClient;
  readonly sns: SNSClient;
  readonly ssm: SSMClient;
  /** The environment variables of the function. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly timing: Timing;
  readonly log: (entry: object) => void;
}

/** What the rules send. */
export interface ServiceWatchEvent {
  readonly [SERVICE_WATCH_SETTINGS]: ServiceWatchSettings;
}

/** A check did not do all that it should. */
class ServiceWatchError extends Error {}

/** Makes the handler of the service watch for the world that it is to look at. */
export function createServiceWatch(world: ServiceWatchWorld): (event: ServiceWatchEvent) => Promise<void> {
  const { costExplorer, budgets, ssm, timing, log, variables } = world;
  const stackId = variables[SERVICE_WATCH_STACK_VARIABLE] ?? '';
  const account = stackId.split(':')[4];
  const stackName = stackId.split('/')[1];

  return async event => {
    const settings = parse(event);
    const patience = { timing, deadline: timing.now() + SERVICE_WATCH_RETRY_BUDGET_SECONDS * 1000, awaitsRights: false };
    const before = await patiently(patience, () => readPublished(ssm, settings.parameterName));
    const found = await billedServices(costExplorer, Number(settings.lookBackDays), patience);
    const services = knownServices(settings, found, before);
    const { serviceNames, unknownServiceNames } = services;
    log({ message: 'looked for services', found, unknownServiceNames });
    log(embeddedMetrics(
      { [STACK_DIMENSION]: stackName }, { [UNKNOWN_SERVICES_METRIC]: { value: unknownServiceNames.length, unit: 'Count' } }, timing.now(),
    ));

    // what the release knows is in the lists already, unless somebody has taken it out
    const names = serviceNames.filter(name => !settings.releaseNames.includes(name));
    const report = await extendBudgets(budgets, account, settings, names, patience);
    log({ message: 'looked at budgets', ...report });
    const problems = [...report.problems, ...await publish(ssm, settings, services, before, patience)];

    const news = unknownServiceNames.filter(name => !(before?.unknownServiceNames ?? []).includes(name));
    const topicArn = variables[TOPIC_VARIABLE];
    if (news.length > 0 && topicArn !== undefined) {
      await notifier(world.sns, topicArn, log)(noticeOf(news, report, settings, variables[RUNBOOK_VARIABLE]));
    }
    if (problems.length > 0) throw new ServiceWatchError(problems.join('; '));
  };
}

function parse({ [SERVICE_WATCH_SETTINGS]: settings }: ServiceWatchEvent): ServiceWatchSettings {
  const eachOf = (entries: readonly string[]): string[] => entries.flatMap(entry => entry.split('\n')).filter(name => name !== '');
  return { ...settings, additionalNames: eachOf(settings.additionalNames), ignoredNames: eachOf(settings.ignoredNames) };
}

/** Publishes the names where they are others than before. */
async function publish(
  ssm: SSMClient, { parameterName }: ServiceWatchSettings, services: PublishedServices, before: PublishedServices | undefined,
  patience: Patience,
): Promise<string[]> {
  if (before !== undefined && textOf(before) === textOf(services)) return [];
  try {
    await patiently(patience, () => writePublished(ssm, parameterName, services));
    return [];
  } catch (error) {
    return [`the names could not be written to ${parameterName}: ${messageOf(error)}`];
  }
}

/** The names as one text, whoever has written them in whatever order. */
function textOf({ serviceNames, unknownServiceNames }: PublishedServices): string {
  return JSON.stringify([serviceNames, unknownServiceNames].map(names => [...names].sort()));
}

function noticeOf(news: readonly string[], report: BudgetsReport, settings: ServiceWatchSettings, runbook = ''): Notice {
  const lacking = Object.keys(report.lacking);
  const list = (names: readonly string[]): string => names.map(name => JSON.stringify(name)).join(', ');
  const isExtended = settings.extendBudgets ? 'They were added to these budgets' : 'These budgets lack them';
  return {
    subject: `${news.length} new service${news.length === 1 ? '' : 's'} of Amazon Bedrock on the bill`,
    text: [
      'The bill has services of Amazon Bedrock that nobody has named:',
      ...news.map(name => `  ${name}`),
      '',
      'Name them in the watch and in the budgets, or take a release that knows them:',
      `  additionalServiceNames: [${[...settings.additionalNames, ...news].map(name => `'${name.replace(/['\\]/g, '\\$&')}'`).join(', ')}],`,
      '',
      ...lacking.length === 0 ? [] : [`${isExtended}: ${list(lacking)}.`],
      ...report.problems.map(problem => `Problem: ${problem}.`),
      ...runbook === '' ? [] : [`Runbook: ${runbook}`],
    ].join('\n'),
  };
}

/** The entry point of the Lambda function. */
export const handler = createServiceWatch({
  costExplorer: new CostExplorerClient(CLIENT_OPTIONS),
  budgets: new BudgetsClient(CLIENT_OPTIONS),
  sns: new SNSClient(CLIENT_OPTIONS),
  ssm: new SSMClient(CLIENT_OPTIONS),
  variables: process.env,
  timing: REAL_TIME,
  log: logLine,
});
