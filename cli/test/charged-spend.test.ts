import fc from 'fast-check';
import type { SharedCostRule } from '../../lib/analytics/sql/view-template';
import { temporaryFolder, withSources, writeBill } from './helpers/world';

/** What a team spent in a month; nobody knows whose it is where the team is null. */
interface Spend {
  readonly month?: string;
  readonly team: string | null;
  readonly usd: number;
}

interface Charge {
  readonly billing_period: string;
  readonly key_value: string | null;
  readonly own_usd: number;
  readonly received_usd: number;
  readonly given_usd: number;
  readonly charged_usd: number;
}

async function charges(spends: readonly Spend[], sharedCosts: readonly SharedCostRule[]): Promise<Charge[]> {
  const folder = temporaryFolder();
  try {
    const bill = await writeBill(folder.path, spends.map(({ month = '2026-10', team, usd }) => ({
      day: `${month}-05`, usd, tags: Object.fromEntries(team === null ? [] : [['iamPrincipal/team', team]]),
    })));
    return await withSources({ bill: [bill], sharedCosts }, async ({ engine }) => await engine.rows(`SELECT * FROM charged_spend
      WHERE attribution_key = 'team' ORDER BY billing_period, key_value NULLS LAST`) as unknown as Charge[]);
  } finally {
    folder.remove();
  }
}

/** The charge of each team of a month. */
async function charged(spends: readonly Spend[], ...rules: Omit<SharedCostRule, 'key'>[]): Promise<Record<string, number>> {
  const rows = await charges(spends, rules.map(rule => ({ key: 'team', ...rule })));
  return Object.fromEntries(rows.map(row => [row.key_value ?? 'nobody', row.charged_usd]));
}

const MONTH: readonly Spend[] = [
  { team: 'platform', usd: 60 }, { team: 'payments', usd: 30 }, { team: 'discovery', usd: 10 }, { team: null, usd: 5 },
];

test('everybody is charged what it spent where nothing is shared', async () => {
  expect(await charged(MONTH)).toEqual({ platform: 60, payments: 30, discovery: 10, nobody: 5 });
});

test('shares are as large as what everybody spent itself', async () => {
  expect(await charged(MONTH, { source: 'platform', method: 'proportional' })).toEqual({ platform: 0, payments: 75, discovery: 25, nobody: 5 });
});

test('everybody who spent something takes the same', async () => {
  expect(await charged(MONTH, { source: 'platform', method: 'even' })).toEqual({ platform: 0, payments: 60, discovery: 40, nobody: 5 });
});

test('fixed shares go to those who spent nothing as well', async () => {
  const targets = [{ target: 'payments', weight: 25 }, { target: 'newcomer', weight: 75 }];
  expect(await charged(MONTH, { source: 'platform', method: 'fixed', targets })).toEqual({ platform: 0, payments: 45, discovery: 10, newcomer: 45, nobody: 5 });
});

test('only those who are named take a share', async () => {
  const targets = [{ target: 'payments', weight: 1 }];
  expect(await charged(MONTH, { source: 'platform', method: 'proportional', targets })).toMatchObject({ payments: 90, discovery: 10 });
});

test('the same for all who are named, whether they spent something or not', async () => {
  const targets = [{ target: 'payments', weight: 1 }, { target: 'newcomer', weight: 1 }];
  expect(await charged(MONTH, { source: 'platform', method: 'even', targets })).toMatchObject({ payments: 60, newcomer: 30, discovery: 10 });
});

test('two shared values do not share with each other', async () => {
  const spends: Spend[] = [...MONTH, { team: 'security', usd: 8 }];
  const rules = [{ source: 'platform', method: 'even' }, { source: 'security', method: 'even' }] as const;
  expect(await charged(spends, ...rules)).toEqual({ platform: 0, security: 0, payments: 64, discovery: 44, nobody: 5 });
});

test('what nobody can take a share of stays where it was spent', async () => {
  const spends: Spend[] = [{ team: 'platform', usd: 60 }, { team: null, usd: 5 }];
  expect(await charged(spends, { source: 'platform', method: 'proportional' })).toEqual({ platform: 60, nobody: 5 });
  const targets = [{ target: 'payments', weight: 1 }];
  expect(await charged(spends, { source: 'platform', method: 'proportional', targets })).toEqual({ platform: 60, nobody: 5 });
});

test('each month is split by what was spent in it', async () => {
  const rows = await charges([
    ...MONTH, { month: '2026-11', team: 'platform', usd: 10 }, { month: '2026-11', team: 'discovery', usd: 1 },
  ], [{ key: 'team', source: 'platform', method: 'proportional' }]);
  expect(rows.filter(row => row.billing_period === '2026-11')).toEqual([
    expect.objectContaining({ key_value: 'discovery', own_usd: 1, received_usd: 10, given_usd: 0, charged_usd: 11 }),
    expect.objectContaining({ key_value: 'platform', own_usd: 10, received_usd: 0, given_usd: 10, charged_usd: 0 }),
  ]);
});

test('a value may hold quotes and braces', async () => {
  const spends: Spend[] = [{ team: `o'{key}`, usd: 4 }, { team: 'payments', usd: 1 }];
  expect(await charged(spends, { source: `o'{key}`, method: 'even' })).toEqual({ [`o'{key}`]: 0, payments: 5 });
});

test('whatever is shared, the charges of a month add up to what was billed', async () => {
  const team = fc.constantFrom('a', 'b', 'c', 'd', null);
  const rule = fc.record({
    source: fc.constantFrom('a', 'b'),
    method: fc.constantFrom('proportional' as const, 'even' as const, 'fixed' as const),
    weights: fc.tuple(fc.integer({ min: 1, max: 99 }), fc.boolean()),
  });
  await fc.assert(fc.asyncProperty(
    fc.array(fc.record({ team, usd: fc.integer({ min: -500, max: 5000 }).map(cents => cents / 100), month: fc.constantFrom('2026-10', '2026-11') }), { minLength: 1, maxLength: 12 }),
    fc.uniqueArray(rule, { selector: ({ source }) => source, maxLength: 2 }),
    async (spends, rules) => {
      const rows = await charges(spends, rules.map(({ source, method, weights: [first, isNamed] }) => ({
        key: 'team', source, method,
        targets: method === 'fixed' || isNamed ? [{ target: 'c', weight: first }, { target: 'e', weight: 100 - first }] : undefined,
      })));
      for (const month of ['2026-10', '2026-11']) {
        const billed = spends.filter(spend => spend.month === month).reduce((sum, { usd }) => sum + usd, 0);
        const ofMonth = rows.filter(row => row.billing_period === month);
        expect(ofMonth.reduce((sum, row) => sum + row.charged_usd, 0)).toBeCloseTo(billed, 6);
        expect(ofMonth.reduce((sum, row) => sum + row.received_usd - row.given_usd, 0)).toBeCloseTo(0, 6);
      }
    },
  ), { numRuns: 25 });
});
