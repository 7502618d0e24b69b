import type { Row } from '../src/engine/query-engine';
import { type PriceFields, setPrices } from './helpers/price-rows';
import { type BillLine, MODEL, record, temporaryFolder, withSources, writeBill, writeLogs } from './helpers/world';

const scratch = temporaryFolder();
let worlds = 0;

afterAll(() => { scratch.remove(); });

const CALL = { requestId: 'one', input: 1, output: 1, modelId: `us.${MODEL}` };

async function prices(askedBy: string, book: readonly PriceFields[], line: Partial<BillLine> = {}): Promise<Row[]> {
  const folder = `${scratch.path}/${worlds++}`;
  const logs = writeLogs(folder, [record(CALL)]);
  const bill = await writeBill(folder, [{ usd: 1, ...line }]);
  return withSources({ logs: [logs], bill: [bill] }, async ({ engine }) => {
    await setPrices(engine, book);
    return engine.rows(`SELECT route, tier, prompt_above, prompt_up_to, input_price, model_unit_hour_price
      FROM list_prices WHERE asked_by = '${askedBy}' ORDER BY tier, prompt_above`);
  });
}

const input = (usd: number, fields: Partial<PriceFields> = {}): PriceFields => ({ token_type: 'input', usd, ...fields });

describe('the price of a bill line that is not global', () => {
  test.each<[string, PriceFields[], number | undefined]>([
    ['is the regional one before the geographic one', [input(1), input(2, { route: 'geo' })], 1],
    ['is the geographic one where there is no other', [input(2, { route: 'geo' })], 2],
    ['is that of its Region before that of all, on either route', [input(1), input(2, { route: 'geo', region: 'us-east-1' })], 2],
    ['is never the global one', [input(3, { route: 'global' })], undefined],
    ['is never that of another Region', [input(1, { region: 'eu-west-1' })], undefined],
    ['is that of its day', [input(1), input(2, { effective_from: '2026-10-05' }), input(3, { effective_from: '2026-10-06' })], 2],
  ])('%s', async (_, book, price) => {
    expect((await prices('bill', book)).map(row => row.input_price)).toEqual(price === undefined ? [] : [price]);
  });

  test('stands beside that of its tier', async () => {
    const book = [input(4), input(2, { tier: 'batch' }), input(6, { tier: 'priority' })];
    expect(await prices('bill', book, { usageType: 'USE1-Claude4.6Sonnet-input-tokens-batch' })).toMatchObject([
      { tier: 'batch', route: 'other', input_price: 2 }, { tier: 'standard', route: 'other', input_price: 4 },
    ]);
  });
});

test('a global price is told for a geographic call, by the length of the prompt', async () => {
  const book = [input(4), input(3, { route: 'global' }), input(6, { route: 'global', context_threshold_tokens: 200_000 })];
  expect(await prices('global', book)).toMatchObject([
    { route: 'global', prompt_above: -1, prompt_up_to: 200_000, input_price: 3 }, { route: 'global', prompt_above: 200_000, prompt_up_to: null, input_price: 6 },
  ]);
});

test('the hour of a model unit is told apart from prices of tokens', async () => {
  const book = [input(4), { token_type: 'model_unit', tier: 'reserved', unit: 'hour', usd: 10 }];
  expect(await prices('provisioned', book)).toMatchObject([{ tier: 'reserved', input_price: null, model_unit_hour_price: 10 }]);
  expect(await prices('calls', book)).toMatchObject([{ route: 'geo', tier: 'standard', input_price: 4, model_unit_hour_price: null }]);
});

test('an estimate reads nothing of the bill', async () => {
  const logs = writeLogs(`${scratch.path}/plan`, [record(CALL)]);
  await withSources({ logs: [logs] }, async ({ engine }) => {
    const plan = async (view: string): Promise<string> => JSON.stringify(await engine.rows(`EXPLAIN SELECT * FROM ${view}`));
    expect(await plan('list_prices')).toContain('cost_and_usage');
    expect(await plan('invocation_costs')).not.toContain('cost_and_usage');
  });
});
