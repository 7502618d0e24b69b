import { AttributionSchema } from '../../lib/schema';
import { type Call, LedgerLake } from './ledger/ledger-lake';

const STARTER = AttributionSchema.starter();

function call(requestId: string, timestamp: string): Call {
  return { requestId, timestamp };
}

test('two merges at once never double a request', async () => {
  const ledger = new LedgerLake(STARTER);
  ledger.deliver('2026-10-01T10', 'a', [call('0', '2026-10-01T10:00:00Z')]);
  await ledger.succeed('2026-10-01T11:00:00Z');
  ledger.deliver('2026-10-01T11', 'b', Array.from({ length: 50 }, (_, index) => call(`new-${index}`, '2026-10-01T11:00:00Z')));
  await Promise.all([ledger.run('2026-10-01T12:00:00Z'), ledger.run('2026-10-01T12:00:01Z')]);
  await ledger.succeed('2026-10-01T13:00:00Z');
  expect(await ledger.rows('SELECT count(*) AS rows, count(DISTINCT bedrock_request_id) AS requests FROM usage_ledger')).toEqual([{ rows: 51, requests: 51 }]);
  expect(await ledger.rows('SELECT sum(requests) AS requests FROM usage_daily')).toEqual([{ requests: 51 }]);
});

test('a run after days without one reads the days between', async () => {
  const ledger = new LedgerLake(STARTER);
  ledger.deliver('2026-10-01T10', 'a', [call('1', '2026-10-01T10:00:00Z')]);
  await ledger.succeed('2026-10-01T11:00:00Z');
  ledger.deliver('2026-10-05T10', 'b', [call('2', '2026-10-05T10:00:00Z')]);
  await ledger.succeed('2026-10-15T11:00:00Z');
  expect(await ledger.rows('SELECT count(*) AS requests FROM usage_ledger')).toEqual([{ requests: 2 }]);
});

test('what a merge reads depends on its window, and not on how long the ledger is', async () => {
  const ledger = new LedgerLake(STARTER);
  const day = (index: number): string => new Date(Date.UTC(2026, 8, 1 + index)).toISOString().slice(0, 10);
  const deliver = (index: number): void => {
    ledger.deliver(`${day(index)}T10`, 'a', Array.from({ length: 200 }, (_, call_) => call(`${index}-${call_}`, `${day(index)}T10:00:00Z`)));
  };
  for (let index = 0; index < 4; index++) deliver(index);
  await ledger.succeed(`${day(3)}T23:00:00Z`, { kind: 'backfill', from: day(0), to: day(3) });
  const bytesOf = async (index: number): Promise<number> => {
    deliver(index);
    const from = ledger.statements.length;
    await ledger.succeed(`${day(index)}T23:00:00Z`, { kind: 'backfill', from: day(index), to: day(index) });
    return ledger.statements.slice(from).find(({ sql }) => sql.startsWith('MERGE INTO usage_ledger'))?.bytesRead ?? 0;
  };
  const early = await bytesOf(4);
  for (let index = 5; index < 18; index++) deliver(index);
  await ledger.succeed(`${day(17)}T23:00:00Z`, { kind: 'backfill', from: day(5), to: day(17) });
  const late = await bytesOf(18);
  expect(early).toBeGreaterThan(0);
  expect(late / early).toBeLessThan(1.2);
});
