import * as fs from 'node:fs';
import * as path from 'node:path';
import { CHECKOUT, synthesizeApp } from '../support/synthesize-app';

interface Resource {
  readonly Type: string;
  readonly Properties: { readonly Metrics?: { readonly MetricStat?: object; readonly Expression?: string }[] } & Record<string, unknown>;
}

const page = fs.readFileSync(path.join(CHECKOUT, 'docs', 'deploy.md'), 'utf8');
const ledgerPage = fs.readFileSync(path.join(CHECKOUT, 'docs', 'ledger.md'), 'utf8');
const stacks = [...synthesizeApp()].filter(([name]) => name.endsWith('.template.json'))
  .map(([name, text]) => ({ name, byId: (JSON.parse(text) as { Resources: Record<string, Resource> }).Resources }));
const resources = stacks.flatMap(({ byId }) => Object.values(byId));
const count = (type: string): number => resources.filter(({ Type }) => Type === type).length;
const workloads = stacks.filter(({ name }) => name.startsWith('BedrockCostWorkload-')).length;

/** The metrics that alarms are charged by: a query counts as the one that it answers with. */
const alarmMetrics = resources.filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
  .reduce((sum, { Properties: { Metrics } }) => (
    sum + (Metrics?.filter(({ MetricStat, Expression = '' }) => MetricStat !== undefined || Expression.startsWith('SELECT')).length ?? 1)
  ), 0);

const DAYS = 365 / 12;
const HOURS = 730;

const tagKeys = (JSON.parse(resources.find(({ Type }) => Type === 'Custom::BedrockCostAllocationTags')!.Properties.Settings as string) as { tagKeys: string[] }).tagKeys;
/** Tag keys have two metrics each, and all of them two together; prices have three, the watch and each drift guard one. */
const dailyMetrics = 2 * tagKeys.length + 2 + 3 + 1 + workloads;
/** Hours in which own metrics have a value: the bill has three four times a day, the ledger four every hour, closings one on seven days. */
const metricHours = (dailyMetrics + 3 * 4) * 30 + 4 * HOURS + 7;

interface Rule {
  readonly ScheduleExpression?: string;
  readonly Targets: readonly { readonly Arn: { readonly 'Fn::GetAtt': readonly [string, string] } }[];
}

/** Runs of a month by the expression of a schedule. */
function runs(expression: string): number {
  if (/^cron\(\d+ \d+ \* \* \? \*\)$/.test(expression)) return DAYS;
  const [, count, unit] = /^rate\((\d+) (hour|day)s?\)$/.exec(expression)!;
  return (unit === 'day' ? DAYS : HOURS) / Number(count);
}

/** What functions with a schedule take in a month: ten seconds a run, and a minute where prices are read. */
const gigabyteSeconds = stacks.flatMap(({ byId }) => Object.values(byId).filter(({ Type }) => Type === 'AWS::Events::Rule').map(({ Properties }) => {
  const { ScheduleExpression, Targets } = Properties as unknown as Rule;
  if (ScheduleExpression === undefined) return 0;
  const { MemorySize, Environment } = byId[Targets[0].Arn['Fn::GetAtt'][0]].Properties as { MemorySize: number; Environment: { Variables: object } };
  const seconds = 'PRICE_LIST_URL' in Environment.Variables ? 60 : 10;
  return runs(ScheduleExpression) * seconds * MemorySize / 1024;
})).reduce((sum, used) => sum + used, 0);

/** What the page about the ledger says of a part of it. */
function ofLedger(row: string): number {
  return Number(new RegExp(`^\\| ${row}.*\\| (\\d+\\.\\d\\d) \\|$`, 'm').exec(ledgerPage)![1]);
}

/** US dollars a month of each row, from the prices that it names. */
const rows: Record<string, number> = {
  'alarms at 0.10 for each metric': alarmMetrics * 0.1,
  'composite alarms at 0.50': count('AWS::CloudWatch::CompositeAlarm') * 0.5,
  'metrics of S3 replication, at most 0.30': workloads * 4 * 0.3,
  'own metrics, 0.30 for a whole month': metricHours / HOURS * 0.3,
  'requests to Cost Explorer at 0.01': 2 * DAYS * 0.01,
  'functions at 0.0000166667 for each GB-second': gigabyteSeconds * 0.0000166667,
  'runs of the ledger': ofLedger('state transitions') + ofLedger('Athena, the least'),
  'dashboards': Math.max(0, count('AWS::CloudWatch::Dashboard') / 2 - 3) * 3,
  'budgets': Math.max(0, count('AWS::Budgets::BudgetsAction') - 2) * 0.1 * DAYS,
};

test.each(Object.entries(rows))('the page says what %s cost', (row, usd) => {
  const line = page.split('\n').find(text => text.startsWith(`| ${row}`));
  expect(line).toMatch(new RegExp(`\\| ${usd.toFixed(2).replace('.', '\\.')} \\|$`));
});

test('the page counts what alarms are charged by, and adds up', () => {
  expect(page).toContain(`: ${alarmMetrics} metrics |`);
  const total = Object.values(rows).reduce((sum, usd) => sum + usd, 0);
  expect(page).toContain(`**about ${Math.round(total)}**`);
});
