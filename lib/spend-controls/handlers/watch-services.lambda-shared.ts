import { type BudgetsClient, DescribeBudgetCommand, NotFoundException, UpdateBudgetCommand } from '@aws-sdk/client-budgets';
import { type CostExplorerClient, GetDimensionValuesCommand } from '@aws-sdk/client-cost-explorer';
import { messageOf } from '../../private/handlers/passing-errors.lambda-shared';
import { BEDROCK_WORD, type PublishedServices, type ServiceWatchSettings } from './constants';
import { extendExpression, hasBedrockList, isBedrockName, missingNames, writableBudget } from './extend-budget.lambda-shared';
import { patiently, type Patience } from './patience.lambda-shared';

const DAY_MS = 86_400_000;

/** What became of the lists of services in budgets. */
export interface BudgetsReport {
  /** The names that were added, or that lack where lists are only reported, by the name of the budget. */
  readonly lacking: Readonly<Record<string, string[]>>;
  /** Budgets that name no service of Amazon Bedrock. */
  readonly withoutList: readonly string[];
  /** What did not work, one sentence each. */
  readonly problems: readonly string[];
}

/** The names with the word Bedrock among the services that were billed lately. */
export async function billedServices(client: CostExplorerClient, lookBackDays: number, patience: Patience): Promise<string[]> {
  const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
  const now = patience.timing.now();
  const names: string[] = [];
  let NextPageToken: string | undefined;
  do {
    const page = await patiently(patience, () => client.send(new GetDimensionValuesCommand({
      Dimension: 'SERVICE',
      SearchString: BEDROCK_WORD,
      // the end is exclusive
      TimePeriod: { Start: day(now - lookBackDays * DAY_MS), End: day(now) },
      NextPageToken,
    })));
    names.push(...(page.DimensionValues ?? []).flatMap(({ Value }) => Value ?? []));
    ({ NextPageToken } = page);
  } while (NextPageToken !== undefined);
  return [...new Set(names.filter(isBedrockName))].sort();
}

/**
 * The names by which Amazon Bedrock is known now. A name that was found once stays unknown until somebody names or ignores it, though
 * nothing may be billed under it for a while.
 */
export function knownServices(settings: ServiceWatchSettings, found: readonly string[], before?: PublishedServices): PublishedServices {
  const known = new Set([...settings.releaseNames, ...settings.additionalNames]);
  const ignored = new Set(settings.ignoredNames);
  const unknown = [...new Set([...before?.unknownServiceNames ?? [], ...found])].filter(name => !known.has(name) && !ignored.has(name));
  return {
    serviceNames: [...known, ...unknown].filter(name => !ignored.has(name)).sort(),
    unknownServiceNames: unknown.sort(),
  };
}

/** Adds names to the budgets that lack them. A budget that fails keeps none of the others from being extended. */
export async function extendBudgets(
  client: BudgetsClient, account: string, settings: ServiceWatchSettings, names: readonly string[], patience: Patience,
): Promise<BudgetsReport> {
  const lacking: Record<string, string[]> = {};
  const withoutList: string[] = [];
  const problems: string[] = [];
  for (const name of settings.budgetNames) {
    try {
      // read again for every attempt, and written at once: what somebody else changes in between would be lost
      const missing = await patiently(patience, () => extendBudget(client, account, name, names, settings.extendBudgets));
      if (missing === undefined) withoutList.push(name);
      else if (missing.length > 0) lacking[name] = missing;
    } catch (error) {
      problems.push(error instanceof NotFoundException
        ? `the budget ${JSON.stringify(name)} is not there any more: take it out of budgets, or deploy it again`
        : `the budget ${JSON.stringify(name)} could not be brought up to date: ${messageOf(error)}`);
    }
  }
  return { lacking, withoutList, problems };
}

/** The budget is of the former kind, which cannot be sent back in the new one. */
class FormerBudgetError extends Error {}

/** Resolves to the names that the budget lacked; undefined when it has no list of services of Amazon Bedrock. */
async function extendBudget(
  client: BudgetsClient, AccountId: string, BudgetName: string, names: readonly string[], isWritten: boolean,
): Promise<string[] | undefined> {
  const { Budget } = await client.send(new DescribeBudgetCommand({ AccountId, BudgetName, ShowFilterExpression: true }));
  const filter = Budget?.FilterExpression;
  if (Budget === undefined || filter === undefined || !hasBedrockList(filter)) return undefined;
  const missing = missingNames(filter, names);
  if (missing.length === 0 || !isWritten) return missing;
  if ((Budget.Metrics ?? []).length === 0) {
    throw new FormerBudgetError('it has no Metrics, so it was made with CostFilters and CostTypes; make it anew with FilterExpression and Metrics');
  }
  const NewBudget = { ...writableBudget(Budget), FilterExpression: extendExpression(filter, missing) };
  await client.send(new UpdateBudgetCommand({ AccountId, NewBudget }));
  return missing;
}
