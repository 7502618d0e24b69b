import { AttributionSchema } from '../../lib/schema';
import { deliverBill } from './lake/deliver';
import { type Call, LedgerLake } from './ledger/ledger-lake';

const call = (requestId: string, team: string): Call => ({ requestId, timestamp: '2026-10-05T13:00:00Z', requestMetadata: { team } });

async function run(ledger: LedgerLake, startTime: string): Promise<void> {
  const { status, error, cause } = await ledger.run(startTime);
  expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED' });
}

test('a run of the ledger brings a team its dollars and its calls, and the next one what came since', async () => {
  const ledger = new LedgerLake(AttributionSchema.starter(), 'search');
  const spend = async (): Promise<unknown> => ledger.team.trino.rows('SELECT team, sum(billed_usd) AS usd FROM attributed_spend GROUP BY team');
  const calls = async (): Promise<unknown> => ledger.team.trino.rows('SELECT team, sum(requests) AS requests FROM usage_daily GROUP BY team');
  const line = (team: string, usd: number): Parameters<typeof deliverBill>[2][number] => ({ usd, tags: { 'iamPrincipal/team': team } });

  ledger.deliver('2026-10-05T13', 'a', [call('1', 'search'), call('2', 'payments')]);
  await deliverBill(ledger.lake, '2026-10', [line('search', 3), line('payments', 5)]);
  await run(ledger, '2026-10-05T14:00:00Z');
  expect(await spend()).toEqual([{ team: 'search', usd: 3 }]);
  expect(await calls()).toEqual([{ team: 'search', requests: 1 }]);

  ledger.deliver('2026-10-05T20', 'b', [call('3', 'search'), call('4', 'payments')]);
  await deliverBill(ledger.lake, '2026-10', [line('search', 4)]);
  await run(ledger, '2026-10-05T21:00:00Z');
  expect(await spend()).toEqual([{ team: 'search', usd: 7 }]);
  expect(await calls()).toEqual([{ team: 'search', requests: 2 }]);
});
