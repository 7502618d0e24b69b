import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CALLS } from './contexts';
import { deployments } from './deployment';
import { renderMatrix } from './matrix-document';
import { ROWS } from './rows';
import { callOf, type Row, withCaller } from './rows/row';
import { simulate, type Verdict } from './simulate';
import { world } from './world';

const PAGE = join(__dirname, '..', '..', '..', 'docs', 'access-matrix.md');

const scenarios = world();
const verdicts = new Map<Row, Promise<Verdict>>();

/** What becomes of a row, found once. */
function verdictOf(row: Row): Promise<Verdict> {
  const verdict = verdicts.get(row) ?? simulate(withCaller(scenarios[row.scenario], row.caller), callOf(row));
  verdicts.set(row, verdict);
  return verdict;
}

const nameOf = ({ scenario, caller, call, expected }: Row): string => (
  `${scenario}${caller === undefined ? '' : `, ${caller}`}: ${call} is ${expected}`
);

test.each(ROWS.map((row): [string, Row] => [nameOf(row), row]))('%s', async (_name, row) => {
  const { allowed, decidedBy } = await verdictOf(row);
  // the statements are on both sides, so that a failure shows them
  expect({ outcome: allowed ? 'allowed' : 'denied', decidedBy }).toEqual({ outcome: row.expected, decidedBy });
});

test('no row is there twice', () => {
  const names = ROWS.map(({ scenario, caller, call }) => `${scenario}, ${caller}: ${call}`);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test('every scenario and every call has a row', () => {
  const covered = new Set<string>(ROWS.flatMap(({ scenario, call }) => [scenario, call]));
  expect([...Object.keys(scenarios), ...Object.keys(CALLS), ...Object.keys(deployments())].filter(name => !covered.has(name))).toEqual([]);
});

test('the page says what was found', async () => {
  const page = renderMatrix(await Promise.all(ROWS.map(async row => ({ row, verdict: await verdictOf(row) }))));
  if (process.env.UPDATE_MATRIX === '1') writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, 'utf8')).toBe(page);
});
