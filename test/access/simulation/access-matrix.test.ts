import { CALLS } from './contexts';
import { ROWS } from './rows';
import { type Row, withCaller } from './rows/row';
import { simulate } from './simulate';
import { world } from './world';

const nameOf = ({ scenario, caller, call, expected }: Row): [string, Row] => (
  [`${scenario}${caller === undefined ? '' : `, ${caller}`}: ${call} is ${expected}`, { scenario, caller, call, expected }]
);

test.each(ROWS.map(nameOf))('%s', async (_name, { scenario, caller, call, expected }) => {
  const { allowed, decidedBy } = await simulate(withCaller(world()[scenario], caller), CALLS[call]);
  expect({ outcome: allowed ? 'allowed' : 'denied', decidedBy }).toEqual({ outcome: expected, decidedBy });
});
