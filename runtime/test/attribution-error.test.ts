import type { Problem } from '../../lib/schema';
import { newProblem } from '../../lib/schema/new-problem';
import { AttributionError } from '../src';

const one = newProblem({ code: 'a', path: 'p', got: 1, allowed: '2', remedy: 'count' });
const other = newProblem({ code: 'b', path: 'q', got: undefined, allowed: 'x', remedy: 'add x' });

test.each([
  [[one], 'the call has 1 problem:\n  - p: got 1, allowed is 2; count'],
  [[one, other], 'the call has 2 problems:\n  - p: got 1, allowed is 2; count\n  - q: got nothing, allowed is x; add x'],
])('the message tells of each problem', (problems, message) => {
  expect(new AttributionError('InvalidCallAttribution', 'the call', problems).message).toBe(message);
});

test('the list of problems is its own', () => {
  const problems: Problem[] = [one];
  const error = new AttributionError('InvalidTenant', 'the tenant', problems);
  problems.push(other);
  expect(error.problems).toEqual([one]);
  expect(error).toMatchObject({ name: 'AttributionError', code: 'InvalidTenant' });
});

test('an error keeps what caused it', () => {
  const cause = new Error('of the service');
  expect(new AttributionError('InvalidProject', 'the project', [one], { cause }).cause).toBe(cause);
});

test('an error of another copy of the package is one', () => {
  const copy = Object.assign(new Error('x'), { name: 'AttributionError', problems: [] });
  expect(AttributionError.is(copy)).toBe(true);
});

test.each([
  ['another error', new Error('x')],
  ['an error of that name without problems', Object.assign(new Error('x'), { name: 'AttributionError' })],
  ['an object that looks like one', { name: 'AttributionError', problems: [] }],
  ['nothing', undefined],
])('%s is none', (_, value) => {
  expect(AttributionError.is(value)).toBe(false);
});
