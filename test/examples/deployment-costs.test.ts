import * as fs from 'node:fs';
import * as path from 'node:path';
import { CHECKOUT, synthesizeApp } from '../support/synthesize-app';

interface Resource {
  readonly Type: string;
  readonly Properties: { readonly Metrics?: { readonly MetricStat?: object; readonly Expression?: string }[] } & Record<string, unknown>;
}

const page = fs.readFileSync(path.join(CHECKOUT, 'docs', 'deploy.md'), 'utf8');
const stacks = [...synthesizeApp()].filter(([name]) => name.endsWith('.template.json'))
  .map(([name, text]) => ({ name, resources: Object.values((JSON.parse(text) as { Resources: Record<string, Resource> }).Resources) }));
const resources = stacks.flatMap(stack => stack.resources);
const count = (type: string): number => resources.filter(({ Type }) => Type === type).length;
const workloads = stacks.filter(({ name }) => name.startsWith('BedrockCostWorkload-')).length;

/** The metrics that alarms are charged by: a query counts as the one that it answers with. */
const alarmMetrics = resources.filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
  .reduce((sum, { Properties: { Metrics } }) => (
    sum + (Metrics?.filter(({ MetricStat, Expression = '' }) => MetricStat !== undefined || Expression.startsWith('SELECT')).length ?? 1)
  ), 0);

/** Tag keys have two metrics each, and all of them two together; the watch has one, and the bill three, four times a day. */
const tagKeys = (JSON.parse(resources.find(({ Type }) => Type === 'Custom::BedrockCostAllocationTags')!.Properties.Settings as string) as { tagKeys: string[] }).tagKeys;
const hourlyMetrics = 2 * tagKeys.length + 2 + 1 + 3 * 4;

/** US dollars a month of each row, from the prices that it names. */
const rows: Record<string, number> = {
  'alarms at 0.10 for each metric': alarmMetrics * 0.1,
  'composite alarms at 0.50': count('AWS::CloudWatch::CompositeAlarm') * 0.5,
  'metrics of S3 replication, at most 0.30': workloads * 4 * 0.3,
  'own metrics, 0.30 for a whole month': hourlyMetrics * 30 / 730 * 0.3,
  'requests to Cost Explorer at 0.01': 2 * 365 / 12 * 0.01,
  'dashboards': Math.max(0, count('AWS::CloudWatch::Dashboard') / 2 - 3) * 3,
  'budgets': Math.max(0, count('AWS::Budgets::BudgetsAction') - 2) * 0.1 * 365 / 12,
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
