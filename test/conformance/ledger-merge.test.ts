import { AttributionSchema } from '../../lib/schema';
import { LedgerLake } from './ledger/ledger-lake';

jest.setTimeout(600_000);

test('a first run makes the tables and merges; a second one changes nothing', async () => {
  const ledger = new LedgerLake(AttributionSchema.starter());
  ledger.deliver('2026-10-01T13', 'a', [{ requestId: '1', timestamp: '2026-10-01T13:00:00Z' }, { requestId: '2', timestamp: '2026-10-01T13:10:00Z' }]);
  const outcome = await ledger.run('2026-10-01T14:00:00Z');
  console.log(outcome.status, outcome.error, outcome.cause?.slice(0, 3000), outcome.path.join(' '));
  console.log(await ledger.rows('SELECT * FROM usage_ledger'), await ledger.rows('SELECT * FROM usage_daily'), await ledger.rows('SELECT * FROM ledger_health'));
  console.log(JSON.stringify(ledger.calls));
});
