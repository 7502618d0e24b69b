import { Fn, Token } from 'aws-cdk-lib';

/** What the top of the dashboard leads to. */
export interface DashboardLinks {
  /** Host of the console. */
  readonly host: string;
  readonly region: string;
  readonly budgetNames: string[];
  /** Names of the saved queries. */
  readonly queryNames: string[];
}

/**
 * The text at the top: what this is, and where dollars are, which no metric has.
 *
 * @see https://docs.aws.amazon.com/cost-management/latest/userguide/migrate-granularaccess-whatis.html for the addresses of the consoles
 */
export function linksText({ host, region, budgetNames, queryNames }: DashboardLinks): string {
  const link = (title: string, path: string): string => `[${title}](https://${host}/${path})`;
  return [
    '# Amazon Bedrock: usage and attribution',
    'Generated from the attribution schema; changes made in the console are lost with the next deployment. '
    + 'These are calls and tokens of one account and Region, within minutes. Dollars come with the bill, in the account that pays:',
    [
      `- ${link('Budgets', 'billing/home#/budgets')}${list(budgetNames)}`,
      `- ${link('Cost Explorer', 'cost-management/home#/cost-explorer')}`,
      `- ${link('Cost anomalies', 'cost-management/home#/anomaly-detection')}`,
      `- ${link('Cost allocation tags', 'billing/home#/tags')}`,
      ...queryNames.length === 0 ? [] : [
        `- ${link('Logs Insights', `cloudwatch/home?region=${region}#logsV2:logs-insights`)}, saved queries${list(queryNames)}`,
      ],
    ].join('\n'),
  ].join('\n\n');
}

/** Rows of the grid that the text takes, for names of usual length: it would have to be scrolled otherwise. */
export function linksHeight(budgetNames: string[], queryNames: string[]): number {
  // a row has two lines, with about eight names in each
  return 5 + Math.ceil((budgetNames.length + queryNames.length) / 16);
}

function list(names: string[]): string {
  const between = '`, `';
  return names.length === 0 ? '' : `: \`${Token.isUnresolved(names) ? Fn.join(between, names) : names.join(between)}\``;
}
