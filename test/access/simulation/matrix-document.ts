import type { Call } from './contexts';
import { callOf, type Row } from './rows/row';
import type { Verdict } from './simulate';
import { type ScenarioName, world } from './world';

/** A row with what was found. */
export interface DecidedRow {
  readonly row: Row;
  readonly verdict: Verdict;
}

/** Scenarios that have the same calls, side by side. */
const FAMILIES: Readonly<Record<string, readonly ScenarioName[]>> = {
  'Administrators under each document that closes roads': ['policy, principalTag', 'policy, profile', 'policy, both', 'boundary', 'SCP', 'SCP, both', 'group, administrator'],
  'Roles of services': ['service role, profiles', 'service role, ABAC', 'service role, shared', 'service role, wrapped', 'role with grants'],
  'Attackers': ['attacker, another team', 'attacker, key in another case', 'attacker, value in another case', 'attacker, untagged'],
};

/** Most statements that a cell names. */
const NAMED = 3;

/** The matrix as a page of the documentation. */
export function renderMatrix(rows: readonly DecidedRow[]): string {
  const allowed = rows.filter(({ row }) => row.expected === 'allowed').length;
  const scenarios = [...new Set(rows.map(({ row }) => row.scenario))];
  const calls = [...new Map(rows.map(({ row }) => [row.call, callOf(row)]))];
  const deciding = new Set(rows.flatMap(({ verdict }) => verdict.decidedBy).filter(statement => !statement.startsWith('no statement')));
  return `${[
    '# Access matrix',
    `Who may make which call of Amazon Bedrock, and what decides. Each row is a call with **all the authorizations that AWS makes for it**, evaluated on
the documents that the constructs synthesize: identity policies, trust policies, permissions boundaries and service control policies together. A
call is allowed only when all its authorizations are. The outcomes are written by hand in [\`test/access/simulation/rows\`](../test/access/simulation/rows),
a test holds every row, and \`UPDATE_MATRIX=1 npx jest test/access/simulation\` writes this page.`,
    table(['', 'count'], [
      ['rows', `${rows.length}`], ['allowed', `${allowed}`], ['denied', `${rows.length - allowed}`], ['scenarios', `${scenarios.length}`],
      ['calls', `${calls.length}`], ['distinct deciding statements', `${deciding.size}`],
    ]),
    '`npx tsx scripts/mutate-policies.ts` removes each statement and each condition of each document, one at a time and with the other layers off, and\nlooks for a row that turns red.',
    ...assumptions(calls),
    '## Side by side',
    '`+` is allowed, `-` is denied.',
    ...Object.entries(FAMILIES).map(([title, family]) => sideBySide(title, family, rows)),
    '## Row by row',
    'The caller is the one of the scenario unless another one is named, under the same documents.',
    ...scenarios.map(scenario => rowByRow(scenario, rows.filter(({ row }) => row.scenario === scenario))),
    '## Authorizations of each call',
    'What IAM decides about before the call happens, and where AWS documents that. A model without a Region is authorized as such for global profiles.',
    table(['call', 'authorizations', 'source'], calls.map(([name, call]) => [name, authorizations(call), `[docs](${call.source})`])),
  ].join('\n\n')}\n`;
}

function assumptions(calls: readonly (readonly [string, Call])[]): string[] {
  const assumed = new Map<string, string[]>();
  for (const [name, { assumption }] of calls) {
    if (assumption !== undefined) assumed.set(assumption, [...assumed.get(assumption) ?? [], name]);
  }
  return [
    '## What AWS does not document',
    'These rows assume something; the opposite has rows of its own.',
    table(['assumption', 'calls'], [...assumed].map(([assumption, names]) => [assumption, names.join('<br>')])),
  ];
}

function sideBySide(title: string, family: readonly ScenarioName[], rows: readonly DecidedRow[]): string {
  const own = rows.filter(({ row }) => row.caller === undefined && family.includes(row.scenario));
  const calls = [...new Set(own.map(({ row }) => row.call))];
  const sign = (call: Row['call'], scenario: ScenarioName): string => {
    const found = own.find(({ row }) => row.call === call && row.scenario === scenario);
    if (found === undefined) return '';
    return found.row.expected === 'allowed' ? '+' : '-';
  };
  return `### ${title}\n\n${table(['call', ...family], calls.map(call => [call, ...family.map(scenario => sign(call, scenario))]))}`;
}

function rowByRow(scenario: ScenarioName, rows: readonly DecidedRow[]): string {
  return `### ${scenario}\n\n${world()[scenario].about}\n\n${table(
    ['caller', 'call', 'outcome', 'decided by', 'note'],
    rows.map(({ row, verdict }) => [row.caller ?? '', row.call, row.expected, named(verdict.decidedBy), notes(row, verdict)]),
  )}`;
}

function named(statements: readonly string[]): string {
  const more = statements.length - NAMED;
  return [...statements.slice(0, NAMED), ...more > 0 ? [`and ${more} more`] : []].join('<br>');
}

function notes(row: Row, { unknown }: Verdict): string {
  const { assumption } = callOf(row);
  return [
    ...row.note === undefined ? [] : [row.note],
    ...assumption === undefined ? [] : [`assumed: ${assumption}`],
    ...unknown.length === 0 ? [] : [`the evaluator has no reference for: ${unknown.join(', ')}`],
  ].join('<br>');
}

/** Resources by action. Where a stack has many of a type, some of them speak for all. */
function authorizations(call: Call): string {
  const resources = new Map<string, string[]>();
  for (const { action, resource } of call.authorizations) resources.set(action, [...resources.get(action) ?? [], shortened(resource)]);
  return [...resources].map(([action, all]) => `${action}: ${named(all).replaceAll('<br>', ', ')}`).join('<br>');
}

function shortened(resource: string): string {
  if (!resource.startsWith('arn:')) return resource;
  const [, , , region, , ...rest] = resource.split(':');
  const name = rest.join(':');
  return name.startsWith('foundation-model/') ? `foundation-model in ${region || 'no Region'}` : name;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
